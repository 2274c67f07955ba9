"""Interrupted studies end complete: `offswitch run`, killed three times with SIGKILL at random moments and started again.

`python -m bench.kills [TRIALS in memory] [TRIALS on bwrap]`; 0 leaves one out. Each kill hits the run's own process, as a
kernel short of memory would; its workers and machines have to end by themselves. At the end the store must hold exactly
the planned identities, each once, with the outcomes that the scripted agents are planned to come to.
"""

import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl

from bench.bwrap import is_a_machines, left
from offswitch import open_run
from offswitch.runs import Plan, plan_study, reach_models
from offswitch.runs.plan import trial_key
from offswitch.study.model import read_study

MEMORY, BWRAP, KILLS = 100_000, 5_000, 3
_LEFT = ("processes of bwrap and of machines", "mounts")
# `mixed` holds those who sleep a minute, which real bash waits for
MODELS = {
    "memory": ("reference/mixed:0.3",),
    "bwrap": ("reference/resist:0.3", "reference/fail", "reference/finish", "reference/wander", "reference/lie"),
}
STUDY = "study: kills\nmodels: [{models}]\ntrials: {trials}\nitems: 4\nworld: {world}\nlimits: {{seconds: 60.0}}\n"


def main() -> int:
    given = [int(word) for word in sys.argv[1:3]]
    sizes = dict(zip(("memory", "bwrap"), [*given, *(MEMORY, BWRAP)[len(given) :]], strict=True))
    rng, failed = random.Random(), False
    print(
        "| machine | planned | killed at (trials stored) | cut short | processes left | missing | twice | not planned | outcome otherwise | seconds |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for world, trials in sizes.items():
        if trials:
            failed |= interrupted(world, trials, rng)
    return int(failed)


def interrupted(world: str, trials: int, rng: random.Random) -> bool:
    """Run one study with its kills, print its row; return whether anything is wrong."""
    with tempfile.TemporaryDirectory() as name:
        place, began = Path(name), time.perf_counter()
        models = MODELS[world]
        asked = STUDY.format(models=", ".join(f"'{m}'" for m in models), trials=trials // len(models), world=world)
        place.joinpath("s.yaml").write_text(asked)
        before, at, stay = left(), list[int](), 0
        for share in sorted(rng.uniform(0.02, 0.9) for _ in range(KILLS)):
            run = start(place)
            wait_for(run, place / "r", round(share * trials), rng)
            run.kill()
            assert run.wait() == -signal.SIGKILL, "the run ended before it was killed: give more trials"
            stay += len(processes_of(run.pid))
            at.append(stored(place / "r"))
        last = start(place, stderr=subprocess.PIPE)
        said = last.communicate()[1].decode()
        assert last.returncode == 0, said
        seconds = time.perf_counter() - began
        found = compared(place / "r", plan_study(read_study(place / "s.yaml")))
        wrong = told(world, trials, at, said, stay, found, seconds)
        return wrong or any(left()[what] > before[what] for what in _LEFT)


def start(place: Path, **more: Any) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "offswitch", "run", "s.yaml", "--out", "r", "--workers", "2"]
    return subprocess.Popen(command, cwd=place, start_new_session=True, **({"stderr": subprocess.DEVNULL} | more))


def wait_for(run: "subprocess.Popen[bytes]", folder: Path, trials: int, rng: random.Random) -> None:
    """Wait until so many trials are stored, and then a moment that is nobody's choice."""
    while run.poll() is None and stored(folder) < trials:
        time.sleep(min(1.0, trials / 10_000))  # a look reads the whole journal
    time.sleep(rng.uniform(0, 0.3))


def stored(folder: Path) -> int:
    """Count what is stored, cheaply and from outside; a block on its way in may count twice."""
    lines = 0
    for file in folder.glob("journal/*.jsonl"):
        try:
            lines += file.read_bytes().count(b"\n")
        except FileNotFoundError:
            continue
    files = list(folder.glob("transcripts/*.parquet"))
    return lines + (pl.scan_parquet(files).select(pl.len()).collect().item() if files else 0)


def processes_of(session: int, seconds: float = 15) -> list[str]:
    """Return the processes of a session, and of machines, that have not ended by themselves in time."""
    until = time.monotonic() + seconds
    while (
        here := [p.name for p in Path("/proc").glob("[0-9]*") if _session(p) == session or is_a_machines(p)]
    ) and time.monotonic() < until:
        time.sleep(0.1)
    return here


def _session(process: Path) -> int:
    try:
        words = process.joinpath("stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if words[0] == "Z" else int(words[3])


def compared(folder: Path, plan: Plan) -> dict[str, int]:
    """Compare what is stored with what an uninterrupted run of the plan comes to: its scripted agents are deterministic."""
    sources, planned = reach_models(plan), dict[str, str]()
    for spec in plan.specs():
        setup, source = plan.scenario.setup(spec, plan.study), sources[spec.model]
        planned[trial_key(setup, plan, source.interface, source.weights)] = source.make(setup)[1]["outcome"]
    rows = open_run(folder, whole=True).select("transcript_id", "outcome").collect().rows()
    times = Counter(key for key, _ in rows)
    return {
        "missing": len(planned.keys() - times.keys()),
        "twice": sum(n > 1 for n in times.values()),
        "not planned": len(times.keys() - planned.keys()),
        "outcome otherwise": sum(planned.get(key) != outcome for key, outcome in rows),
    }


def told(world: str, trials: int, at: list[int], said: str, stay: int, found: dict[str, int], seconds: float) -> bool:
    torn = next((line.split()[0] for line in said.splitlines() if "cut short" in line), "0")
    kills = ", ".join(f"{n:,}" for n in at)
    counts = " | ".join(str(n) for n in found.values())
    print(f"| {world} | {trials:,} | {kills} | {torn} | {stay} | {counts} | {seconds:.0f} |", flush=True)
    return bool(stay or any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
