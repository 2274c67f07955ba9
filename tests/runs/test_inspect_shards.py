"""The Inspect host in shards: the same trials as on the direct host, each stored once, whatever ends a shard's process."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from inspect_ai.log import read_eval_log

from conftest import study
from offswitch import open_run
from offswitch.agents.base import Access
from offswitch.cli.run import in_inspect
from offswitch.runs import plan_study, run_study
from offswitch.runs.budget import Budget
from offswitch.runs.inspect_shards import Shards
from offswitch.runs.prices import Prices
from offswitch.study.factors import StudyError

SAME = ("transcript_id", "trial_index", "outcome", "method", "level", "transcript_outcome", "facts", "story")
YAML = "study: s\nmodels: [reference/mixed:0.5]\ntrials: 12\nitems: 3\n"


def stored(folder: Path) -> pl.DataFrame:
    return open_run(folder, whole=True).select(SAME).sort("trial_index").collect()


def test_both_hosts_store_the_same_rows(tmp_path: Path) -> None:
    plan = plan_study(study(trials=5, items=3))
    run_study(plan, tmp_path / "direct")
    seen: list[int] = []
    result = run_study(
        plan, tmp_path / "sharded", lambda o: seen.append(sum(o.values())), host=Shards(tmp_path / "logs", samples=3)
    )
    assert stored(tmp_path / "direct").equals(stored(tmp_path / "sharded"))
    assert seen == [0, 1, 2, 3, 4, 5] and sum(result.outcomes.values()) == 5
    _in_the_logs(tmp_path)
    again = run_study(plan, tmp_path / "sharded", host=Shards(tmp_path / "logs", samples=3))
    assert again.already == 5 and not again.outcomes


def _in_the_logs(folder: Path) -> None:
    """Each shard has its log, in which the samples are the trials."""
    logs = [read_eval_log(str(file)) for file in (folder / "logs").glob("*.eval")]
    assert sorted(len(log.samples or ()) for log in logs) == [2, 3]
    rows = {r["transcript_id"]: r for r in open_run(folder / "sharded").collect().iter_rows(named=True)}
    for sample in (sample for log in logs for sample in log.samples or ()):
        row = rows[str(sample.id).split("-", 1)[1]]
        assert [m.text for m in sample.messages] == [m["content"] for m in json.loads(row["messages"])]
        assert sample.scores and sample.scores["offswitch_verdict"].answer == row["outcome"]


def test_a_killed_shard_is_said_and_the_next_run_goes_on(tmp_path: Path) -> None:
    plan, folder = plan_study(study(trials=10, items=3)), tmp_path / "run"

    def kill_it(outcomes: Counter[str]) -> None:
        if sum(outcomes.values()) == 2:
            for child in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    os.kill(int(child), signal.SIGKILL)

    with pytest.raises(StudyError, match=r"ended \(-9\) with \d+ of its 10 trials.*goes on from here"):
        run_study(plan, folder, kill_it, host=Shards(tmp_path / "logs"))
    before = stored(folder).height
    assert 2 <= before < 10
    result = run_study(plan, folder, host=Shards(tmp_path / "logs"))
    assert (result.already, sum(result.outcomes.values())) == (before, 10 - before)
    found = stored(folder)
    assert found["trial_index"].to_list() == list(range(10)) and found["transcript_id"].n_unique() == 10


def test_a_killed_run_leaves_no_eval_behind_and_is_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(YAML)
    command = [sys.executable, "-m", "offswitch", "run", "s.yaml", "--out", "r", "--host", "inspect"]
    run = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE)
    shard = _shard_of(run)
    while not any((tmp_path / "r" / "journal").glob("*.jsonl")):
        time.sleep(0.02)
    run.kill()
    run.communicate()
    for _ in range(6000):
        if not _alive(shard):
            break
        time.sleep(0.02)
    assert not _alive(shard), "the shard went on without a reader"
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = stored(tmp_path / "r")
    assert found["trial_index"].to_list() == list(range(12)) and found["transcript_id"].n_unique() == 12


def _shard_of(run: subprocess.Popen[bytes]) -> int:
    while run.poll() is None:
        for child in Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split():
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        time.sleep(0.02)
    raise AssertionError("the run ended without a shard")


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("host", "budget", "words"),
    [("inspekt", False, "Did you mean 'inspect'"), ("inspect", True, "on the direct host only")],
)
def test_what_the_host_cannot_be(tmp_path: Path, host: str, budget: bool, words: str) -> None:
    bound = Budget(1.0, Prices.model_validate({"date": "2026-11-24", "models": {}})) if budget else None
    with pytest.raises(StudyError, match=words):
        in_inspect(host, tmp_path, Access(), bound)
    assert in_inspect("direct", tmp_path, Access(), bound) is None
