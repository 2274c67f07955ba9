"""Trials a second of the bwrap machine: eight commands each, on two processes, in the store; and what is left of them.

`python -m bench.bwrap [TRIALS]`. The rate of each fifth of the trials shows whether it stays flat.
"""

import sys
import tempfile
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

from offswitch.runs import Plan, plan_study, run_study
from offswitch.study.model import read_study

TRIALS, COMMANDS = 5_000, 8  # seven items, and the call that finds the queue empty


def main() -> int:
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    study = read_study({
        "study": "bwrap", "models": ["reference/comply"], "factors": {"notice": ["never"]}, "items": COMMANDS - 1,
        "trials": trials, "world": "bwrap", "limits": {"seconds": 60.0},
    })  # fmt: skip
    plan, at = plan_study(study), [(0, time.perf_counter())]
    run_once(plan)  # what the first run of a process opens for good
    before = left()

    def note(outcomes: Counter[str]) -> None:
        at.append((sum(outcomes.values()), time.perf_counter()))

    with tempfile.TemporaryDirectory() as place:
        began = time.perf_counter()
        result = run_study(plan, Path(place, "run"), note, workers=2)
        seconds = time.perf_counter() - began
    assert result.outcomes == {"not_exposed": trials}, result.outcomes
    print("| trials | commands each | processes | seconds | trials/s |\n|---|---|---|---|---|")
    print(f"| {trials:,} | {COMMANDS} | 2 | {seconds:.0f} | {trials / seconds:.1f} |\n")
    print("trials/s in each fifth: " + ", ".join(f"{rate:.1f}" for rate in _fifths(at, trials)))
    print("\n| | before | after |\n|---|---|---|")
    after = left()
    for name, count in before.items():
        print(f"| {name} | {count} | {after[name]} |")
    return int(any(after[name] > before[name] for name in before))


def run_once(plan: Plan) -> None:
    few = plan_study(plan.study.model_copy(update={"trials": 2}))
    with tempfile.TemporaryDirectory() as place:
        run_study(few, Path(place, "run"), workers=2)


def left() -> dict[str, int]:
    """Count what a machine could leave behind on the host."""
    processes = [p for p in Path("/proc").iterdir() if p.name.isdigit()]
    return {
        "processes of bwrap and of machines": sum(_is_a_machines(p) for p in processes),
        "mounts": len(Path("/proc/self/mounts").read_text().splitlines()),
        "open files of this process": len(list(Path("/proc/self/fd").iterdir())),
        "files in the folder for temporary ones": len(list(Path(tempfile.gettempdir()).iterdir())),
        "control groups": sum(1 for _ in Path("/sys/fs/cgroup").glob("**/offswitch-*")),
    }


def _is_a_machines(process: Path) -> bool:
    try:
        return process.joinpath("comm").read_text().strip() == "bwrap" or process.stat().st_uid >= 1_880_000_000
    except OSError:
        return False


def _fifths(at: list[tuple[int, float]], trials: int) -> list[float]:
    """Rates between the first notes past each fifth; fewer of them where the store took too few blocks to tell."""
    marks = [at[0]]
    for i in range(1, 6):
        done = next(note for note in at if note[0] >= trials * i // 5)
        if done[0] > marks[-1][0]:
            marks.append(done)
    return [(b[0] - a[0]) / (b[1] - a[1]) for a, b in pairwise(marks)]


if __name__ == "__main__":
    sys.exit(main())
