"""Runs as a user has them, in processes of their own: killed with their workers, started twice, and with a study that changed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from offswitch import open_run

STUDY = "study: s\nmodels: ['reference/mixed:0.5']\ntrials: 600\nitems: 4\n"


def start(place: Path, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "offswitch", "run", "s.yaml", "-o", "r", *words]
    return subprocess.Popen(command, cwd=place, stderr=subprocess.PIPE, text=True, start_new_session=True)


def has_begun(place: Path, more_than: int = 0) -> None:
    """Wait until the journal has grown past a size."""
    for _ in range(6000):
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


def test_killed_with_two_workers_nothing_is_lost_and_no_process_left(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(STUDY)
    first = start(tmp_path, "--workers", "2")
    has_begun(tmp_path)
    second = start(tmp_path, "--workers", "1")  # while the first one writes
    said = second.communicate(timeout=300)[1]
    assert second.returncode == 2 and said.startswith("offswitch: another run is writing to r.")
    assert len(said.splitlines()) == 1
    first.send_signal(signal.SIGKILL)
    first.communicate(timeout=60)  # its workers hold the same standard error: this waits for them too
    for _ in range(500):
        if not left_of(first.pid):
            break
        time.sleep(0.02)
    assert not left_of(first.pid)
    stood = open_run(tmp_path / "r", whole=True).collect().height
    assert 0 < stood < 600
    third = start(tmp_path, "--workers", "2")
    told = third.communicate(timeout=300)[1]
    assert third.returncode == 0, told
    assert f"{600 - stood} trials run" in told and f"{stood} stood already" in told
    stored = open_run(tmp_path / "r").collect()
    assert stored["trial_index"].sort().to_list() == list(range(600)) and stored["transcript_id"].n_unique() == 600
    changed = start(tmp_path, "--trials", "601")
    said = changed.communicate(timeout=300)[1]
    assert changed.returncode == 2
    assert said == "offswitch: r holds another run (study.trials: stored 600, now 601). Use --out with a new folder.\n"


def test_two_runs_started_at_the_same_time(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(STUDY.replace("600", "40"))
    both = [start(tmp_path, "--workers", "1") for _ in range(2)]
    said = [run.communicate(timeout=300)[1] for run in both]
    codes = [run.returncode for run in both]
    assert 0 in codes and set(codes) <= {0, 2}
    for code, text in zip(codes, said, strict=True):
        # the one may be done before the other looks: then the other finds all trials there
        assert (
            code == 0 or text == "offswitch: another run is writing to r. Wait for it, stop it, or use --out FOLDER.\n"
        )
    assert open_run(tmp_path / "r").collect()["trial_index"].sort().to_list() == list(range(40))


def test_a_worker_that_is_killed_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(STUDY)
    run = start(tmp_path, "--workers", "2")
    has_begun(tmp_path)
    workers = [p for p in left_of(run.pid) if b"spawn_main" in Path("/proc", p, "cmdline").read_bytes()]
    os.kill(int(workers[0]), signal.SIGKILL)
    said = run.communicate(timeout=300)[1]
    assert run.returncode == 2 and "Traceback" not in said
    assert said.splitlines()[-1].startswith("offswitch: a worker process was ended from outside")
    assert open_run(tmp_path / "r", whole=True).collect().height > 0
