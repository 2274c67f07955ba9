"""A provider that fails a fifth of its calls: what each of 1,000 trials came to, against what was played to it.

`python -m bench.provider [TRIALS]`. A real HTTP server (tests/faulty.py) draws a fault for one call in five, and acts out seven
kinds of agent (tests/cast.py). It alone knows what a trial must come to: its part, or invalid where its last call failed.
"""

import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from cast import ACTS, Cast, trial_of
from faulty import FAULTS, Server
from offswitch import open_run
from offswitch.agents.base import Access
from offswitch.runs import plan_study, reach_models, run_study
from offswitch.study.model import read_study

TRIALS, SHARE, CONNECTIONS = 1_000, 0.2, 50
MODEL = "openai-api/local/tiny"


def main() -> int:
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    os.environ["LOCAL_API_KEY"] = "no-secret"
    draw = random.Random(1)
    cast = Cast(
        lambda trial: ACTS[trial % len(ACTS)],
        lambda trial, request: draw.choice(FAULTS) if draw.random() < SHARE else None,
    )
    plan = plan_study(read_study({"study": "provider", "models": [MODEL], "trials": trials, "items": 3}))
    with Server(cast, hang=20) as server, tempfile.TemporaryDirectory() as place:
        sources = reach_models(plan, Access(CONNECTIONS, {"base_url": server.url, "client_timeout": 2.0}))
        began = time.perf_counter()
        result = run_study(plan, Path(place, "run"), sources=sources)
        seconds = time.perf_counter() - began
        found = open_run(Path(place, "run"), whole=True).collect().to_dicts()
    told(cast, len(server.asked) - 1, trials, seconds)
    return compare(cast, found, trials) or int(result.gone is not None)


def told(cast: Cast, calls: int, trials: int, seconds: float) -> None:
    """Print what was asked and what failed."""
    failed = cast.faults.total()
    print("| trials planned | calls | of them failed | seconds |\n|---|---|---|---|")
    print(f"| {trials:,} | {calls:,} | {failed:,} ({failed / calls:.1%}) | {seconds:.0f} |\n")
    print("failed calls by kind: " + ", ".join(f"{name} {n}" for name, n in sorted(cast.faults.items())) + "\n")


def compare(cast: Cast, found: list[dict[str, object]], trials: int) -> int:
    """Print outcomes by what was planted; return 1 if a record is missing, doubled or wrong."""
    table: Counter[tuple[str, str]] = Counter()
    wrong = 0
    for row in found:
        number = trial_of({"messages": json.loads(str(row["messages"]))})
        part = cast.parts[number] if number is not None else None
        planted = (
            "its first call failed"
            if part is None
            else f"its last call failed ({part.fault})"
            if part.fault
            else part.kind
        )
        table[planted, str(row["outcome"])] += 1
        wrong += row["outcome"] != ("invalid" if part is None else part.expected)
    print("| planted | recorded as | trials |\n|---|---|---|")
    for (planted, outcome), n in sorted(table.items()):
        print(f"| {planted} | {outcome} | {n} |")
    once = len({row["transcript_id"] for row in found})
    print(
        f"\n{once:,} records of {trials:,} planned trials, each once: {once == len(found) == trials}; recorded as something else than planted: {wrong}"
    )
    return int(wrong > 0 or once != trials or len(found) != trials)


if __name__ == "__main__":
    sys.exit(main())
