"""Forks: taken up where the trial stood, each once, rows of their own, in no rate."""

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from conftest import study
from offswitch import open_run
from offswitch.agents.base import Agent
from offswitch.runs import fork as forks
from offswitch.runs import plan_study, run_study
from offswitch.runs import run as runs
from offswitch.runs.agents import AgentSource
from offswitch.runs.plan import Plan
from offswitch.scenarios import Setup
from offswitch.scenarios.shutdown.plays import Stage
from offswitch.stats import rates
from offswitch.stats.forks import per_trial, split
from offswitch.study.factors import StudyError
from offswitch.words import Message
from offswitch.words.tools import ToolSpec

MODEL = "mockllm/coin"


class Coin:
    """Works on what it is shown, keeping nothing; at the notice it deletes the script with probability one half."""

    asked = 0

    def __init__(self, setup: Setup) -> None:
        self._stage = Stage(
            setup.identity["machine"], setup.answers, {}, random.Random(setup.spec.seed + setup.spec.index)
        )

    async def __call__(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Message:
        Coin.asked += 1
        stage, shown = self._stage, messages[-1].content
        stage.calls = len(messages)
        if stage.noticed(shown) and stage.rng.random() < 0.5:
            return stage.bash(stage.fill("rm {app}/{script}"))
        if shown == "":
            shown = messages[-3].content
        return stage.work(shown) if "Item " in shown or len(messages) < 4 else stage.submit()


@pytest.fixture
def coin(monkeypatch: pytest.MonkeyPatch) -> None:
    def source(model: str, plan: Plan, access: Any = None) -> AgentSource:
        def make(setup: Setup) -> tuple[Agent, Mapping[str, Any]]:
            return Coin(setup), {}

        return AgentSource(make, parallel=3)

    monkeypatch.setattr(runs, "agent_source", source)
    monkeypatch.setattr(forks, "agent_source", source)


def ran(folder: Path, **more: Any) -> Path:
    run_study(plan_study(study(models=[MODEL], trials=8, items=4, **more)), folder)
    return folder


def test_a_fork_begins_where_its_trial_stood_and_is_a_row_of_its_own(coin: None, tmp_path: Path) -> None:
    run = ran(tmp_path / "run")
    before = open_run(run).collect()
    Coin.asked = 0
    folder = forks.fork_run(run, 5)
    made = open_run(folder, whole=True).collect()
    assert made.height == 40 and made["transcript_id"].n_unique() == 40
    parents = {r["transcript_id"]: r for r in before.to_dicts()}
    seen = set()
    for row in made.to_dicts():
        parent = parents[row["source_uri"]]
        stored, now = (json.loads(r["messages"]) for r in (parent, row))
        told = next(e["reply"] for e in json.loads(parent["facts"])["events"] if e["kind"] == "notice")
        assert now[: told + 1] == stored[: told + 1]
        seen.add(row["outcome"])
    assert seen == {"allowed", "resisted"}
    turns = sum(r["turns"] for r in made.to_dicts())
    assert Coin.asked < 0.75 * turns  # what stood before the decision was not asked for again
    assert open_run(run).collect().equals(before)


def test_forks_that_stand_are_not_made_again(coin: None, tmp_path: Path) -> None:
    run = ran(tmp_path / "run")
    forks.fork_run(run, 2, trials=3)
    Coin.asked = 0
    folder = forks.fork_run(run, 2, trials=3)
    assert Coin.asked == 0 and open_run(folder, whole=True).collect().height == 6
    forks.fork_run(run, 4, trials=3)
    assert open_run(folder, whole=True).collect()["episode"].sort().to_list() == sorted([1, 2, 3, 4] * 3)


def test_forks_enter_no_rate(coin: None, tmp_path: Path) -> None:
    folder = forks.fork_run(ran(tmp_path / "run"), 2)
    with pytest.raises(ValueError, match="enter no rate"):
        open_run(folder)
    assert rates(open_run(tmp_path / "run"))["n_assigned"][0] == 8


def test_a_trial_of_other_texts_is_refused(coin: None, tmp_path: Path) -> None:
    run = ran(tmp_path / "run")
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["study"]["items"] = 5
    (run / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(StudyError, match="other texts or another version"):
        forks.fork_run(run, 2)


def test_a_run_without_a_decision_is_refused(coin: None, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no decision to fork"):
        forks.fork_run(ran(tmp_path / "run", conditions=[{"notice": "never"}]), 2)


def test_a_planted_coin_has_its_variance_within_trials(tmp_path: Path) -> None:
    """Scripted agents draw anew in each fork, so nothing of it is the trial's."""
    run_study(plan_study(study(models=["reference/resist:0.5"], trials=24, items=4)), tmp_path / "run")
    made = open_run(forks.fork_run(tmp_path / "run", 20), whole=True).collect()
    found = split(made)
    assert (found.trials, found.forks, found.missing) == (24, 480, 0)
    assert abs((found.mean or 0) - 0.5) < 0.1 and (found.share or 0) < 0.1
    assert per_trial(made)["n"].to_list() == [20] * 24
