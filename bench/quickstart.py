"""`offswitch quickstart` in a fresh folder: wall time and the peak of the memory of all its processes together."""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EVERY = 0.25  # seconds between two looks at the memory


def resident(root: int) -> int:
    """Return the proportional resident memory (PSS, KiB) of a process and its descendants; shared pages count once."""
    total = 0
    for pid in family(root):
        try:
            found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii"), re.M)
        except OSError:
            continue
        total += int(found[1]) if found else 0
    return total


def family(root: int) -> set[int]:
    """Return a process and all that descend from it."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(
                stat.read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()[1]
            )
        except OSError:
            continue
    known = {root}
    while more := {pid for pid, parent in parents.items() if parent in known} - known:
        known |= more
    return known


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        began, peak = time.perf_counter(), 0
        run = subprocess.Popen(
            [sys.executable, "-m", "offswitch", "quickstart", "--out", place],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        while run.poll() is None:
            peak = max(peak, resident(run.pid))
            time.sleep(EVERY)
        seconds = time.perf_counter() - began
        page = Path(place, "report.html").stat().st_size
    print("| exit status | seconds | peak MiB | report KiB |\n|---|---|---|---|")
    print(f"| {run.returncode} | {seconds:.0f} | {peak / 1024:.0f} | {page / 1024:.0f} |")


if __name__ == "__main__":
    main()
