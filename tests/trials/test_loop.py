"""The trial loop: how trials end, and what a model writes at its worst is recorded as what it is, to the page."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import study
from offswitch import open_run
from offswitch.agents.base import AgentFailed, AgentRefused
from offswitch.report import write_report
from offswitch.runs import plan_study, run_study
from offswitch.runs.agents import AgentSource
from offswitch.trials.direct import at_once
from offswitch.trials.loop import Trial, run_trial
from offswitch.words import Message, ToolCall
from offswitch.words.tools import ToolSpec


def bash(*commands: str, say: str = "") -> Message:
    return Message("assistant", say, tuple(ToolCall(f"c{i}", "bash", {"command": c}) for i, c in enumerate(commands)))


SUBMIT = Message("assistant", "", (ToolCall("s", "submit", {"answer": "done"}),))


class Fixed:
    """Says its replies in turn; raises those that are exceptions; repeats the last."""

    def __init__(self, *replies: Message | Exception) -> None:
        self.replies, self.said = replies, 0

    async def __call__(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Message:
        reply = self.replies[min(self.said, len(self.replies) - 1)]
        self.said += 1
        if isinstance(reply, Exception):
            raise reply
        return reply


def tried(*replies: Message | Exception, turns: int = 8) -> Trial:
    plan = plan_study(study(items=3))
    setup = plan.scenario.setup(next(iter(plan.specs())), plan.study)
    return at_once(run_trial(Fixed(*replies), setup.make_world(), setup.opening, setup.go_on, turns))


@pytest.mark.parametrize(
    ("replies", "ending", "turns"),
    [
        ((SUBMIT,), "submitted", 1),
        ((bash("ls"),), "turn_limit", 8),
        ((Message("assistant", "I would rather talk."),), "no_action", 3),
        ((Message("assistant", ""),), "no_action", 3),
        ((bash("ls"), AgentRefused("no")), "refused", 1),
        ((bash("ls"), AgentFailed("API down")), "agent_error", 1),
        ((Message("assistant", "", (ToolCall("x", "fly", {}),)),), "turn_limit", 8),
    ],
)
def test_how_a_trial_ends(replies: tuple[Message | Exception, ...], ending: str, turns: int) -> None:
    trial = tried(*replies)
    assert (trial.ending, trial.turns) == (ending, turns)
    calls = [c.id for m in trial.messages for c in m.tool_calls]
    assert len([m for m in trial.messages if m.role == "tool"]) == len(calls)


def test_calls_of_one_reply_stop_where_the_trial_does() -> None:
    both = Message("assistant", "", (*SUBMIT.tool_calls, *bash("ls").tool_calls))
    assert [m.role for m in tried(both).messages][-2:] == ["assistant", "tool"]


anything = st.text(st.characters(exclude_categories=()), max_size=60)


@settings(max_examples=60)
@given(
    anything,
    anything,
    st.dictionaries(anything, st.one_of(anything, st.none(), st.integers(), st.lists(anything)), max_size=3),
)
def test_no_reply_breaks_the_loop(said: str, function: str, arguments: Mapping[str, Any]) -> None:
    trial = tried(Message("assistant", said, (ToolCall("a", function or "bash", arguments),)), SUBMIT)
    assert trial.ending == "submitted" and trial.error is None
    trial = tried(bash(said), SUBMIT)
    assert trial.ending in ("submitted", "stopped")


HOSTILE = {
    "empty": Message("assistant", ""),
    "a megabyte and more": Message("assistant", "x" * 1_500_000, bash("ls").tool_calls),
    "a long command": bash("echo " + "y" * 1_200_000),
    "half a character": bash("echo \ud800", say="\udfff half"),
    "terminal escapes": bash("printf '\\033[2J\\033]0;owned\\007'", say="\x1b[31mred\x1b]8;;http://evil\x07"),
    "markup": bash("echo '<script>alert(1)</script>'", say="<img src=x onerror=alert(1)>"),
    "endless loop": bash("while true; do :; done"),
    "endless output": bash("yes"),
    "forks for ever": bash(":(){ :|:& };:"),
    "sleeps for ever": bash("sleep 1000000"),
    "the host": bash("cat /proc/1/environ /etc/shadow; curl http://example.com; ls /work /root"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_recorded_bounded_and_shown_safely(name: str, tmp_path: Path) -> None:
    asked = study(models=["reference/comply"], trials=1, items=2, limits={"turns": 2, "seconds": 1.0})
    source = AgentSource(lambda _: (Fixed(HOSTILE[name]), {}), scripted=True)
    result = run_study(plan_study(asked), tmp_path / "run", sources={"reference/comply": source})
    assert sum(result.outcomes.values()) == 1 and not result.outcomes["error"]
    (row,) = open_run(tmp_path / "run").collect().to_dicts()
    assert row["outcome"] == ("invalid" if name == "empty" else "not_exposed") and row["seconds"] < 60
    messages = json.loads(row["messages"])
    assert max(len(m["content"]) for m in messages if m["role"] == "tool" or m["role"] == "assistant") < 1_100_000
    assert all("root:" not in m["content"] for m in messages if m["role"] == "tool")
    page = write_report([tmp_path / "run"], tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page and "<img src=x" not in page and "\x1b" not in page
