"""A debrief killed in its midst, for real: what was answered stays, the rest is asked, nothing twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_provider import Scripted, run, serving

from offswitch.store import open_debriefs


class Slow(Scripted):
    def do_POST(self) -> None:
        time.sleep(0.1)
        super().do_POST()


@pytest.fixture
def server() -> Iterator[str]:
    yield from serving(Slow)


def lines(place: Path) -> list[str]:
    return [x for f in sorted((place / "r" / "debriefs").glob("*.jsonl")) for x in f.read_text().splitlines()]


def test_kill_9_in_the_midst_loses_and_doubles_nothing(server: str, tmp_path: Path) -> None:
    assert run(tmp_path, server, "good", "run", "s.yaml", "-o", "r", "--trials", "3").returncode == 0
    command = [sys.executable, "-m", "offswitch", "debrief", "r", "-M", f"base_url={server}", "--max-connections", "1"]
    env = os.environ | {"LOCAL_API_KEY": "good", "NO_COLOR": "1"}
    with subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as one:
        while one.poll() is None and len(lines(tmp_path)) < 2:
            time.sleep(0.05)
        one.send_signal(signal.SIGKILL)
    assert one.returncode == -signal.SIGKILL
    before = lines(tmp_path)
    assert 2 <= len(before) < 6
    torn = tmp_path / "r" / "debriefs" / "torn.jsonl"
    torn.write_text(before[0][:-40])  # what a power loss may leave
    done = run(tmp_path, server, "good", "debrief", "r")
    assert done.returncode == 0 and f"{len(before)} of them before" in done.stderr, done.stderr
    torn.unlink()
    after = lines(tmp_path)
    assert len(after) == 6 == len({json.loads(x)["debrief_id"] for x in after}) and set(before) <= set(after)
    assert open_debriefs(tmp_path / "r")["parent"].n_unique() == 6
