"""kill -9: a process that is killed before any of its changes to the run's files leaves a run that goes on to its end.

The processes are real and die by SIGKILL; an audit hook, which Python calls before it opens, renames, makes or removes
anything, picks the moment. They are forked from a server that has loaded everything, since a fresh start takes seconds.
"""

import multiprocessing
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from survive import PLAN, TRIALS, check_whole, go_on, small_blocks

from offswitch import open_run

OPERATIONS = ("os.rename", "os.remove", "os.mkdir", "os.rmdir")
WRITING = os.O_WRONLY | os.O_RDWR
FOREVER = 10_000


def run_until(folder: Path, last: int) -> None:
    """Run the study; be killed before change number `last` to its files."""
    done = 0

    def look(event: str, args: tuple[Any, ...]) -> None:
        nonlocal done
        if (event in OPERATIONS or (event == "open" and args[2] & WRITING)) and str(folder) in str(args[0]):
            done += 1
            if done == last:
                os.kill(os.getpid(), signal.SIGKILL)

    from offswitch.runs import run_study

    sys.addaudithook(look)
    with small_blocks():
        run_study(PLAN, folder)


@pytest.fixture(scope="module")
def server() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["survive", "inspect_scout", "offswitch.worlds.machine.memory"])
    return context


def killed_at(server: Any, folder: Path, last: int) -> bool:
    """Run in a process of its own; return whether it was killed before it was done."""
    process = server.Process(target=run_until, args=(folder, last))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return bool(process.exitcode)


def readable(folder: Path) -> int:
    """Look at what a kill left: a reader finds whole trials, each once, or is told that nothing has begun."""
    if not (folder / "manifest.json").exists():
        return 0
    stored = open_run(folder, whole=True).collect()
    assert stored["transcript_id"].n_unique() == stored.height <= TRIALS
    assert stored.height == 0 or stored["messages"].is_not_null().all()
    return stored.height


def test_killed_before_every_change_to_its_files(server: Any, tmp_path: Path) -> None:
    last, stood = 0, set()
    while True:
        last, folder = last + 1, tmp_path / str(last)
        if not killed_at(server, folder, last):
            break
        standing = readable(folder)
        stood.add(standing)
        assert go_on(folder).already == standing
    check_whole(folder)
    # the lock, the manifest, the note, the journal's beginning, and twice a block's way in
    assert last > 20 and stood == {0, 4, 6}


def test_killed_again_and_again_at_random_moments(server: Any, tmp_path: Path) -> None:
    rng = random.Random(7)
    for number in range(3):
        folder, before, kills = tmp_path / str(number), 0, 0
        while killed_at(server, folder, rng.randint(1, 20)):
            now = readable(folder)
            assert now >= before
            before, kills = now, kills + 1
            assert kills < 200
        check_whole(folder)
        assert not killed_at(server, folder, FOREVER)
