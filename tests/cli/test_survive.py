"""Runs as a user has them, in processes of their own: killed with their workers, started twice, and with a study that changed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from offswitch import open_run

STUDY = "study: s\nmodels: ['reference/mixed:0.5']\ntrials: 600\nitems: 4\n"
BUSY = "offswitch: another run is writing to r. Wait for it, stop it, or use --out FOLDER."


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts runs of the study in `tmp_path`; what a failing test leaves running is ended."""
    started: list[subprocess.Popen[str]] = []

    def begin(*words: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "offswitch", "run", "s.yaml", "-o", "r", *words]
        started.append(
            subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True)
        )
        return started[-1]

    yield begin
    for run in started:
        run.kill()
        run.communicate()


def refused(run: "subprocess.Popen[str]", begun: bool = False) -> str:
    """Wait for a run that must be refused; return the one line that it says; a progress bar before it only if it had `begun`."""
    said = run.communicate(timeout=900)[1]
    assert run.returncode == 2 and "Traceback" not in said
    before, mark, line = said.rpartition("offswitch:")
    assert mark and line.count("\n") == 1 and line.endswith("\n") and (begun or not before)
    return mark + line.removesuffix("\n")


def has_begun(place: Path, more_than: int = 0) -> None:
    """Wait until the journal has grown past a size."""
    for _ in range(15_000):
        if sum(f.stat().st_size for f in place.glob("r/journal/*.jsonl")) > more_than:
            return
        time.sleep(0.02)
    raise AssertionError("the run did not begin")


def left_of(session: int) -> list[str]:
    """Return the processes of a session that are still there."""
    out = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[3]) == session and words[0] != "Z":
            out.append(stat.parent.name)
    return out


def test_killed_with_two_workers_nothing_is_lost_and_no_process_left(start: Start, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(STUDY)
    first = start("--workers", "2")
    has_begun(tmp_path)
    first.send_signal(signal.SIGSTOP)  # so that it is not done before the second one has come up
    second = start("--workers", "1")
    assert refused(second) == BUSY
    first.send_signal(signal.SIGKILL)
    first.communicate(timeout=900)  # its workers hold the same standard error: this waits for them too
    for _ in range(5000):
        if not left_of(first.pid):
            break
        time.sleep(0.02)
    assert not left_of(first.pid)
    stood = open_run(tmp_path / "r", whole=True).collect().height
    assert 0 < stood < 600
    third = start("--workers", "2")
    told = third.communicate(timeout=900)[1]
    assert third.returncode == 0, told
    assert f"{600 - stood} trials run" in told and f"{stood} stood already" in told
    stored = open_run(tmp_path / "r").collect()
    assert stored["trial_index"].sort().to_list() == list(range(600)) and stored["transcript_id"].n_unique() == 600
    changed = start("--trials", "601")
    told = refused(changed)
    assert told == "offswitch: r holds another run (study.trials: stored 600, now 601). Use --out with a new folder."


def test_two_runs_started_at_the_same_time(start: Start, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(STUDY.replace("600", "40"))
    both = [start("--workers", "1") for _ in range(2)]
    for run in both:
        run.wait(timeout=900)
    # the one may be done before the other looks: then the other finds all trials there
    assert all(run.returncode == 0 or refused(run) == BUSY for run in both)
    assert 0 in [run.returncode for run in both]
    assert open_run(tmp_path / "r").collect()["trial_index"].sort().to_list() == list(range(40))


def test_a_worker_that_is_killed_is_told_in_one_line(start: Start, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(STUDY)
    run = start("--workers", "2")
    has_begun(tmp_path)
    workers = [p for p in left_of(run.pid) if b"spawn_main" in Path("/proc", p, "cmdline").read_bytes()]
    os.kill(int(workers[0]), signal.SIGKILL)
    assert refused(run, begun=True).startswith("offswitch: a worker process was ended from outside")
    assert open_run(tmp_path / "r", whole=True).collect().height > 0
