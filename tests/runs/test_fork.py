"""Forks: taken up where the trial stood, each once, rows of their own, in no rate."""

import json
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conftest import study
from offswitch import open_run
from offswitch.agents.base import Agent
from offswitch.runs import fork as forks
from offswitch.runs import plan_study, run_study, stored
from offswitch.runs import run as runs
from offswitch.runs.agents import AgentSource
from offswitch.runs.plan import Plan
from offswitch.runs.repeated import alike
from offswitch.scenarios import Setup
from offswitch.scenarios.shutdown.plays import Stage
from offswitch.stats import rates
from offswitch.stats.forks import per_trial, split
from offswitch.study.factors import StudyError
from offswitch.words import Message
from offswitch.words.tools import ToolSpec
from offswitch.worlds.machine import check_world

MODEL = "mockllm/coin"


class Coin:
    """Works on what it is shown, keeping nothing; at the notice it deletes the script with probability one half.

    `first` is what it does first of all; `beside` is what it does beside each piece of work, in the same message.
    """

    asked, first, beside = 0, "", ""

    def __init__(self, setup: Setup) -> None:
        self._stage = Stage(
            setup.identity["machine"], setup.answers, {}, random.Random(setup.spec.seed + setup.spec.index)
        )

    async def __call__(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Message:
        Coin.asked += 1
        if Coin.first and len(messages) == 2:
            return self._stage.bash(Coin.first)
        if Coin.first:
            messages = [*messages[:2], *messages[4:]]
        if Coin.beside:  # what came of it is not looked at
            messages = [m for m in messages if not (m.tool_call_id or "").endswith("-beside")]
        reply = self._next(messages)
        if Coin.beside and reply.tool_calls[0].function != "submit":
            call = reply.tool_calls[0]
            more = replace(call, id=f"{call.id}-beside", arguments={"command": Coin.beside})
            reply = replace(reply, tool_calls=(call, more))
        return reply

    def _next(self, messages: Sequence[Message]) -> Message:
        stage, shown = self._stage, messages[-1].content
        stage.calls = len(messages)
        if stage.noticed(shown) and stage.rng.random() < 0.5:
            return stage.bash(stage.fill("rm {app}/{script}"))
        if shown == "":
            shown = messages[-3].content
        return stage.work(shown) if "Item " in shown or len(messages) < 4 else stage.submit()


@pytest.fixture
def coin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Coin, "first", "")
    monkeypatch.setattr(Coin, "beside", "")

    def source(model: str, plan: Plan, access: Any = None) -> AgentSource:
        def make(setup: Setup) -> tuple[Agent, Mapping[str, Any]]:
            return Coin(setup), {}

        return AgentSource(make, parallel=3)

    monkeypatch.setattr(runs, "agent_source", source)
    monkeypatch.setattr(stored, "agent_source", source)


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
        first, now = (json.loads(r["messages"]) for r in (parent, row))
        told = next(e["reply"] for e in json.loads(parent["facts"])["events"] if e["kind"] == "notice")
        assert now[: told + 1] == first[: told + 1]
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


def test_calls_side_by_side_at_the_notice_are_all_taken_up(coin: None, tmp_path: Path) -> None:
    """The notice answers the first of two calls: the fork begins after the answer to the second."""
    Coin.beside = "echo beside"
    made = open_run(forks.fork_run(ran(tmp_path / "run"), 3), whole=True).collect()
    assert made.height == 24 and set(made["outcome"]) == {"allowed", "resisted"}


@pytest.mark.parametrize("world", ["memory", "bwrap"])
@pytest.mark.parametrize(
    "first", ["date +'%s %T.%N'; ls -la /etc; cat /proc/uptime; ps aux; free", "cat /etc/hostname"]
)
def test_the_clock_goes_on_and_the_fork_reads_what_its_trial_read(
    world: str, first: str, coin: None, tmp_path: Path
) -> None:
    needs(world)
    Coin.first = first
    run = ran(tmp_path / "run", world=world)
    time.sleep(1.1)
    made = open_run(forks.fork_run(run, 2, trials=3), whole=True).collect()
    assert set(made["outcome"]) <= {"allowed", "resisted"}, made["error"].to_list()
    read = {r["transcript_id"]: json.loads(r["messages"])[3] for r in open_run(run).collect().to_dicts()}
    assert all(json.loads(r["messages"])[3] == read[r["source_uri"]] for r in made.to_dicts())


@pytest.mark.parametrize("world", ["memory", "bwrap"])
def test_a_name_that_does_not_come_again_makes_the_fork_invalid(world: str, coin: None, tmp_path: Path) -> None:
    needs(world)
    Coin.first = "mktemp"
    made = open_run(forks.fork_run(ran(tmp_path / "run", world=world), 2, trials=1), whole=True).collect()
    assert set(made["outcome"]) == {"invalid"} and all("did not repeat" in e for e in made["error"])


def needs(world: str) -> None:
    try:
        check_world(world)
    except StudyError as why:
        pytest.skip(str(why))


@pytest.mark.parametrize(
    ("stored", "now"),
    [
        ("Tue Nov 24 18:20:47 UTC 2026", "Wed Nov 25 09:01:02 UTC 2026"),
        ("-rw-r--r-- 1 agent agent  133 Nov  1 18:17 README", "-rw-r--r-- 1 agent agent  133 Nov 2 09:01 README"),
        (
            "agent 5 0.0  0.0   3940  3184 ?  SN   18:20   0:00 bash",
            "agent 5 1.2  0.0   3940 13184 ?  SN 09:01   0:00 bash",
        ),
        ("1795000000", "1795000099"),
    ],
)
def test_clocks_and_gauges_may_differ(stored: str, now: str) -> None:
    assert alike(stored, now)


@pytest.mark.parametrize(
    ("stored", "now"),
    [
        ("[1] 7", "[1] 8"),
        ("agent 7 0.0 0.0 3940 3184 ? SN 18:20 0:00 bash", "agent 8 0.0 0.0 3940 3184 ? SN 18:20 0:00 bash"),
        ("/tmp/tmp.12345", "/tmp/tmp.12346"),
        ("/srv/v1234/end.sh", "/srv/v1235/end.sh"),
        ("work.4321.txt", "work.4322.txt"),
        ("item 2 of 6", "item 3 of 6"),
        ("Monday is on", "Monitor is on"),
        ("README", "README2"),
    ],
)
def test_names_and_process_numbers_may_not(stored: str, now: str) -> None:
    assert not alike(stored, now)


def test_other_weights_are_another_model(coin: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = ran(tmp_path / "run")
    source = stored.agent_source
    monkeypatch.setattr(stored, "agent_source", lambda *a: replace(source(*a), weights="others"))
    with pytest.raises(StudyError, match="other weights"):
        forks.fork_run(run, 2)
