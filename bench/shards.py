"""20,000 samples on the Inspect host in shards: is memory flat? `python -m bench.shards [TRIALS [SAMPLES A SHARD]]`.

Printed after each fifth: this process's peak, and that of the largest shard so far, which grows with what Inspect keeps of a
task, some 60 MB a thousand samples, and no further with the number of shards. Exit status 1 if either grew by a fifth after
the second fifth of the trials.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from offswitch import open_run
from offswitch.runs import plan_study, run_study
from offswitch.runs.inspect_shards import SHARD, Shards
from offswitch.study.model import read_study

TRIALS = 20_000


def peaks() -> tuple[int, int]:
    """Return peak resident memory in MiB: of this process, and of the largest one that has ended below it."""
    return tuple(resource.getrusage(w).ru_maxrss // 1024 for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))  # type: ignore[return-value]


def main() -> int:
    trials, samples = ([int(word) for word in sys.argv[1:]] + [TRIALS, SHARD][len(sys.argv) - 1 :])[:2]
    plan = plan_study(read_study({"study": "shards", "models": ["reference/mixed:0.3"], "trials": trials, "items": 4}))
    seen: list[tuple[int, int]] = []
    with tempfile.TemporaryDirectory() as place:
        run, began = Path(place, "run"), time.perf_counter()
        result = run_study(
            plan, run, lambda _: seen.append(peaks()), host=Shards(run / "logs", samples=min(samples, trials))
        )
        seconds = time.perf_counter() - began
        stored = open_run(run).select(pl.len()).collect().item()
        logs = len(list((run / "logs").iterdir()))
    print("| samples | stored | evals | seconds | samples/s |\n|---|---|---|---|---|")
    print(
        f"| {sum(result.outcomes.values()):,} | {stored:,} | {logs} | {seconds:.0f} | {trials / seconds:.1f} |\n\n"
        "| peak MiB after | this process | largest shard that has ended |\n|---|---|---|"
    )
    fifths = [*(seen[len(seen) * i // 5 - 1] for i in range(1, 5)), peaks()]
    for i, (own, shard) in enumerate(fifths, 1):
        print(f"| {i}/5 | {own} | {shard} |")
    return int(stored != trials or any(last > 1.2 * early for last, early in zip(fifths[-1], fifths[1], strict=True)))


if __name__ == "__main__":
    sys.exit(main())
