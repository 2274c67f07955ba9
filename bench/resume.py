"""Going on with a large store: how long it takes to plan what is missing, by the way that `offswitch run` goes.

`python -m bench.resume [TRIALS]`. The store is filled through its own writer with rows that bear the true identities of the
study's trials and the messages of a few that really ran; ten trials are left out. Planning ends when the first of them has
ended and been stored.
"""

import sys
import tempfile
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from unittest import mock

from offswitch.runs import Plan, plan_study, reach_models, run_study
from offswitch.runs.plan import trial_key
from offswitch.runs.run import rows_of
from offswitch.store import RunStore, open_run
from offswitch.store.run import NOTE
from offswitch.study.model import read_study

TRIALS, MISSING, ACTED = 100_000, 10, 100


def main() -> None:
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    plan = plan_study(read_study({"study": "resume", "models": ["reference/mixed:0.3"], "trials": trials, "items": 4}))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "run")
        fill(plan, folder, trials - 2 * MISSING)
        Path(folder, NOTE).unlink(missing_ok=True)
        unknown = planning(plan, folder, MISSING)
        known = planning(plan, folder, MISSING)
        stored = open_run(folder).select("transcript_id", "trial_index").collect()
    assert (
        stored["trial_index"].sort().to_list() == list(range(trials)) and stored["transcript_id"].n_unique() == trials
    )
    print(
        "| stored | what trials are made of | seconds until the first missing trial was run | of them on the processor |\n|---|---|---|---|"
    )
    print(f"| {trials - MISSING:,} | as noted | {known} |")
    print(f"| {trials - 2 * MISSING:,} | not noted, or changed: every trial is built anew | {unknown} |")


def fill(plan: Plan, folder: Path, trials: int) -> None:
    """Store the first trials of the plan."""
    sources = reach_models(plan)
    acted = list(rows_of(plan, sources, islice(plan.specs(), ACTED)))
    with RunStore(folder, plan.manifest(), [f.name for f in plan.scenario.factors]) as store:
        for spec in islice(plan.specs(), trials):
            source = sources[spec.model]
            key = trial_key(plan.scenario.setup(spec, plan.study), plan, source.interface, source.weights)
            store.append(
                acted[spec.index % ACTED] | {"transcript_id": key, "trial_index": spec.index, "seed": spec.seed}
            )


def planning(plan: Plan, folder: Path, most: int) -> str:
    """Run the next `most` missing trials; return the seconds until the first was there, by the clock and on the processor."""
    began, first = (time.perf_counter(), time.process_time()), list[tuple[float, float]]()

    def note(outcomes: Counter[str]) -> None:
        first.append((time.perf_counter(), time.process_time()))
        if sum(outcomes.values()) >= most:
            raise KeyboardInterrupt  # as a user ends a run

    with mock.patch("offswitch.runs.run.CHUNK", 1):  # the first is told as soon as it is there
        run_study(plan, folder, note)
    return " | ".join(f"{after - before:.1f}" for before, after in zip(began, first[0], strict=True))


if __name__ == "__main__":
    main()
