"""Trials a second on a Ray cluster: two workers against one, on the same CPU-bound scripted study.

`python -m bench.cluster [TRIALS [ROUNDS]]`. Each worker is a node of one CPU, a process tree of its own on this computer; the
driver and Ray's own processes share the two cores with them. The cluster stands before the clock starts; each side first runs
a few trials uncounted, so that all files are in memory. A timed run is all of `offswitch run --on ray`: connecting,
running, collecting, storing. One worker and two take turns, so that what else the computer does falls on both.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from offswitch.runs import plan_study, run_study
from offswitch.runs.ray_host import RayHost
from offswitch.study.model import read_study

TRIALS, ROUNDS = 20_000, 3
NODES = Path(__file__).parents[1] / "tests" / "runs" / "ray_nodes.py"


def rate(address: str, trials: int) -> float:
    """Return trials a second of one run."""
    study = read_study({"study": "cluster", "models": ["reference/mixed:0.3"], "trials": trials, "items": 6})
    with tempfile.TemporaryDirectory() as place:
        began = time.perf_counter()
        result = run_study(plan_study(study), Path(place, "run"), host=RayHost(address))
        seconds = time.perf_counter() - began
    assert sum(result.outcomes.values()) == trials and not result.already
    return trials / seconds


def measured(workers: int, trials: int) -> float:
    command = [sys.executable, str(NODES), *["1"] * workers]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as nodes:
        assert nodes.stdout is not None
        address = json.loads(next(line for line in nodes.stdout if line.startswith("{")))["address"]
        rate(address, 400)
        return rate(address, trials)


def main() -> None:
    trials, rounds = ([int(a) for a in sys.argv[1:]] + [TRIALS, ROUNDS][len(sys.argv) - 1 :])[:2]
    print(
        "| round | trials | one worker, trials/s | two workers, trials/s | ratio |\n|---|---|---|---|---|", flush=True
    )
    for i in range(rounds):
        one, two = measured(1, trials), measured(2, trials)
        print(f"| {i + 1} | {trials:,} | {one:.0f} | {two:.0f} | {two / one:.2f} |", flush=True)


if __name__ == "__main__":
    main()
