"""100,000 reference trials on two processes, every one in the store: time and peak memory."""

import resource
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from offswitch import open_run
from offswitch.runs import plan_study, run_study
from offswitch.study.model import read_study

TRIALS = 100_000


def main() -> None:
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    study = read_study({"study": "many", "models": ["reference/mixed:0.3"], "trials": trials, "items": 4})
    peaks: list[int] = []
    with tempfile.TemporaryDirectory() as place:
        began = time.perf_counter()
        result = run_study(plan_study(study), Path(place, "run"), lambda _: peaks.append(peak()), workers=2)
        seconds = time.perf_counter() - began
        stored = open_run(Path(place, "run")).select(pl.len()).collect().item()
        size = sum(f.stat().st_size for f in Path(place, "run").rglob("*") if f.is_file())
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(
        "| trials run | stored | seconds | trials/s | peak MiB, writer | peak MiB, largest worker | store MiB |\n|---|---|---|---|---|---|---|"
    )
    print(
        f"| {sum(result.outcomes.values()):,} | {stored:,} | {seconds:.0f} | {trials / seconds:.0f} | {peak()} | {children} | {size / 2**20:.0f} |"
    )
    fifths = [peaks[len(peaks) * i // 5 - 1] for i in range(1, 6)]
    print(f"\nwriter's peak after each fifth of the trials (MiB): {', '.join(map(str, fifths))}")


def peak() -> int:
    """Return this process's peak resident memory in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
