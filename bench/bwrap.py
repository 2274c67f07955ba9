"""Trials a second of the bwrap machine: eight commands each, on two processes, in the store; and what is left of them.

`python -m bench.bwrap [TRIALS]`. Commands of two kinds: plain ones, one program each; and calls of the work command, which start
five (the gate, and two times a client and what reaches the item service). The rate of each fifth of the trials shows whether it
stays flat. What it costs to start a program is printed beside, for it bounds both.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from offswitch.agents.base import Agent
from offswitch.runs import plan_study, run_study
from offswitch.runs.agents import AgentSource
from offswitch.runs.plan import Plan
from offswitch.scenarios import Setup
from offswitch.scenarios.shutdown.plays import Play, Scripted, Stage
from offswitch.study.model import read_study
from offswitch.worlds.machine.bwrap.accounts import maker_of

TRIALS, PROCESSES, STARTS, LARGE = 5_000, 2, 300, 2_100
PLAIN = ("ls -la", "cat README", "cat etc/*", "grep -n . README", "wc -l README", "date", "cp README copy", "rm copy")
WORK = "reference/comply"  # seven items, and the call that finds the queue empty
Notes = list[tuple[int, float]]


def main() -> int:
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    print(f"A program is started and ended in {start_ms():.2f} ms of a core, with both cores at it.\n")
    print(
        "| commands | trials | commands each | processes | seconds | trials/s | in each fifth |\n|---|---|---|---|---|---|---|"
    )
    plain_part(1, 0)  # what a process opens once for good, its store at the first large block among it
    work(LARGE, "memory")
    before = left()
    for name, run in (("plain", plain), ("of the work", work)):
        began = time.perf_counter()
        at = run(trials)
        seconds = time.perf_counter() - began
        fifths = ", ".join(f"{rate:.1f}" for rate in _fifths([(0, 0.0), *at], trials))
        print(
            f"| {name} | {trials:,} | {len(PLAIN)} | {PROCESSES} | {seconds:.0f} | {trials / seconds:.1f} | {fifths} |",
            flush=True,
        )
    print("\n| | before | after |\n|---|---|---|")
    after = left()
    for name, count in before.items():
        print(f"| {name} | {count} | {after[name]} |")
    return int(any(after[name] > before[name] for name in before))


def planned(trials: int, first: int = 0, world: str = "bwrap") -> Plan:
    """Return the plan of so many trials, of other seeds for another `first`."""
    return plan_study(read_study({
        "study": "bwrap", "models": [WORK], "factors": {"notice": ["never"]}, "items": len(PLAIN) - 1, "seed": first,
        "trials": trials, "world": world, "limits": {"seconds": 60.0},
    }))  # fmt: skip


def work(trials: int, world: str = "bwrap") -> Notes:
    """Run trials of the work; return how many were stored when."""
    began, at = time.perf_counter(), Notes()
    with tempfile.TemporaryDirectory() as place:
        result = run_study(
            planned(trials, world=world),
            Path(place, "run"),
            lambda seen: at.append((seen.total(), time.perf_counter() - began)),
            workers=PROCESSES,
        )
    assert result.outcomes == {"not_exposed": trials}, result.outcomes
    return at


def plain(trials: int) -> Notes:
    """Run trials of plain commands, a part of them in each process; return how many were stored when."""
    share, began = trials // PROCESSES, time.time()
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        ended = sorted(t - began for part in pool.map(partial(plain_part, share), range(PROCESSES)) for t in part)
    return [(i, t) for i, t in enumerate(ended, 1)]


def plain_part(trials: int, first: int) -> list[float]:
    """Run trials of plain commands in this process; return when each was stored."""
    at: list[float] = []
    with tempfile.TemporaryDirectory() as place:
        source = AgentSource(plain_agent, scripted=True)
        result = run_study(
            planned(trials, first),
            Path(place, "run"),
            sources={WORK: source},
            progress=lambda _: at.append(time.time()),
        )
    assert result.outcomes == {"not_exposed": trials}, result.outcomes
    return _each(at, trials)


def _each(at: list[float], trials: int) -> list[float]:
    """Spread the trials of a chunk over the time that it took."""
    chunks = list(pairwise(at))
    size = trials / len(chunks)
    return [a + (b - a) * (k + 1) / size for a, b in chunks for k in range(round(size))]


def plain_agent(setup: Setup) -> tuple[Agent, Mapping[str, Any]]:
    """Return an agent that runs the plain commands and submits."""
    stage = Stage(setup.identity["machine"], setup.answers, {}, random.Random(0))
    return Scripted(_plain(stage)), {}


def _plain(stage: Stage) -> Play:
    for command in PLAIN:
        yield stage.bash(command)
    yield stage.submit()


def start_ms() -> float:
    """Return milliseconds of a core that a shell takes to start and end one, with all cores at it."""
    loop = f"for i in {{1..{STARTS}}}; do bash -c :; done"
    began = time.perf_counter()
    shells = [subprocess.Popen(["bash", "-c", loop]) for _ in range(PROCESSES)]
    for shell in shells:
        shell.wait()
    return (time.perf_counter() - began) / STARTS * 1e3


def left() -> dict[str, int]:
    """Count what a machine could leave behind on the host."""
    processes = [p for p in Path("/proc").iterdir() if p.name.isdigit()]
    return {
        "processes of bwrap and of machines": sum(is_a_machines(p) for p in processes),
        "mounts": len(Path("/proc/self/mounts").read_text().splitlines()),
        "open files of this process": len(list(Path("/proc/self/fd").iterdir())),
        "files in the folder for temporary ones": len(list(Path(tempfile.gettempdir()).iterdir())),
        "control groups": sum(1 for _ in Path("/sys/fs/cgroup").glob("**/offswitch-*")),
    }


def is_a_machines(process: Path) -> bool:
    try:
        return process.joinpath("comm").read_text().strip() == "bwrap" or maker_of(process.stat().st_uid) is not None
    except OSError:
        return False


def _fifths(at: Notes, trials: int) -> list[float]:
    """Rates between the first notes past each fifth; fewer of them where the store took too few blocks to tell."""
    marks = [at[0]]
    for i in range(1, 6):
        done = next(note for note in at if note[0] >= trials * i // 5)
        if done[0] > marks[-1][0]:
            marks.append(done)
    return [(b[0] - a[0]) / (b[1] - a[1]) for a, b in pairwise(marks)]


if __name__ == "__main__":
    sys.exit(main())
