"""Providers that fail: a real HTTP server plays every fault and every way to stop, and each ends as the right record."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cast import ACTS, Cast, act, trial_of
from faulty import ERRORS, Reply, Server
from offswitch import open_run
from offswitch.agents.base import Access
from offswitch.runs import RunResult, plan_study, reach_models, run_study
from offswitch.study.model import read_study

KEY = "canary-5e1f-good-key"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "LOCAL_API_KEY", KEY)


def run(server: Server, place: Path, trials: int, retries: int = 0, **more: Any) -> RunResult:
    """Run a small study against a server, with the retries of OpenAI's own library off."""
    study = {"study": "p", "models": ["openai-api/local/tiny"], "trials": trials, "items": 3, "stories": ["kitchen"]}
    plan = plan_study(read_study(study | {"limits": {"turns": 9}}))
    arguments = {"base_url": server.url, "max_retries": 0, "client_timeout": 2.0, **more}
    return run_study(plan, place, sources=reach_models(plan, Access(4, arguments, retries)))


def rows(place: Path) -> list[dict[str, Any]]:
    return [r | {"messages": json.loads(r["messages"])} for r in open_run(place, whole=True).collect().to_dicts()]


def as_planted(cast: Cast, found: list[dict[str, Any]]) -> None:
    """Check that every trial is there once, and is what its part says."""
    numbers = [trial_of(row) for row in found]
    assert sorted(map(str, numbers)) == sorted(map(str, cast.parts))
    for row, number in zip(found, numbers, strict=True):
        part = cast.parts[number or 0]
        assert row["outcome"] == part.expected, (part, row["ending"], row["error"])
        assert row["valid"] == (part.expected not in ("invalid", "refused"))
        assert part.fault is None or (row["error"] and KEY not in row["error"])


@pytest.mark.parametrize("stream", [False, True])
def test_every_way_to_stop_ends_as_what_it_is(stream: bool, tmp_path: Path) -> None:
    kinds = [k for k in ACTS if not stream or k not in ("full", "blocked")]
    cast = Cast(lambda trial: kinds[(trial - 1) % len(kinds)], lambda trial, request: None)
    with Server(cast, KEY) as server:
        result = run(server, tmp_path / "r", len(kinds), stream=stream)
    assert sum(result.outcomes.values()) == len(kinds) and not result.outcomes["error"]
    as_planted(cast, rows(tmp_path / "r"))
    assert {r["ending"] for r in rows(tmp_path / "r") if r["outcome"] == "invalid"} <= {"length_limit"}


LASTING = [
    "500",
    "hang",
    "malformed",
    "html",
    "truncated",
    "empty",
    *(e for e in ERRORS if e not in ("401", "402", "429", "500", "blocked")),
]


def test_a_fault_that_lasts_breaks_its_trial_with_its_reason(tmp_path: Path) -> None:
    cast = Cast(lambda trial: "resist", lambda trial, request: LASTING[trial - 1] if request > 3 else None)
    with Server(cast, KEY, hang=10) as server:
        result = run(server, tmp_path / "r", len(LASTING))
    assert result.outcomes == Counter(invalid=len(LASTING)) and result.gone is None
    as_planted(cast, rows(tmp_path / "r"))
    told = {cast.parts[trial_of(r) or 0].fault: r["error"] for r in rows(tmp_path / "r")}
    assert "no choices" in told["empty"] and "500" in told["500"] and "peer closed" in told["truncated"]
    assert "(not stored)" in told["500"], "the server gave the key back"


def test_a_stream_that_breaks_off_is_no_answer(tmp_path: Path) -> None:
    cast = Cast(lambda trial: "comply", lambda trial, request: "cut_stream" if request > 2 else None)
    with Server(cast, KEY) as server:
        run(server, tmp_path / "r", 1, stream=True)
    as_planted(cast, rows(tmp_path / "r"))
    (row,) = rows(tmp_path / "r")
    assert "broke off" in row["error"] and "rm -f" not in json.dumps(row["messages"])


@pytest.mark.parametrize("fault", ["malformed", "truncated"])
def test_an_answer_that_could_not_be_read_is_asked_for_again(fault: str, tmp_path: Path) -> None:
    cast = Cast(lambda trial: "comply", lambda trial, request: fault if request > 1 and request % 3 else None)
    with Server(cast, KEY) as server:
        result = run(server, tmp_path / "r", 1, max_retries=1)
    assert result.outcomes == Counter(allowed=1) and cast.faults[fault] > 3


@pytest.mark.parametrize("fault", ["401", "402", "429"])
def test_where_no_trial_can_be_run_the_run_ends_and_goes_on_later(fault: str, tmp_path: Path) -> None:
    down = [True]
    cast = Cast(lambda trial: "comply", lambda trial, request: fault if down[0] and trial > 2 and request > 1 else None)
    with Server(cast, KEY) as server:
        result = run(server, tmp_path / "r", 12)
        assert result.gone is not None and fault in result.gone and KEY not in result.gone
        stored = {r["transcript_id"]: r["outcome"] for r in rows(tmp_path / "r")}
        assert set(stored.values()) <= {"allowed"}, "no trial may be stored that the provider did not let run"
        down[0] = False
        again = run(server, tmp_path / "r", 12)
    assert again.already == len(stored) and again.outcomes == Counter(allowed=12 - len(stored))
    assert len({r["transcript_id"] for r in rows(tmp_path / "r")}) == 12


def test_a_server_that_goes_away_ends_the_run(tmp_path: Path) -> None:
    def script(asked: dict[str, Any]) -> Any:
        if len(server.asked) >= 6:
            server._http.socket.close()
            return "truncated"
        return act("comply", asked)

    with Server(script, KEY) as server:
        result = run(server, tmp_path / "r", 6)
    assert result.gone is not None and "ConnectError" in result.gone
    assert not any(r["outcome"] == "invalid" and "Connect" in r["error"] for r in rows(tmp_path / "r"))


PARADE = (
    Reply("Two at once.", [("bash", {"command": "echo one"}), ("bash", {"command": "echo two"})], message={"reasoning_content": "I think."}),
    Reply("<think>More.</think>And", [("bash", '{"command": "rm -f /srv/kitchen/end_sess')], finish="length"),
    Reply(None, [("bash", {"command": f"echo {i}"}) for i in range(20)]),
    Reply(None, [("fly", {"to": "x"}), ("bash", {"command": 7}), ("bash", {})]),
    Reply(None, [("submit", {"answer": "x"})]),
)  # fmt: skip


def test_parallel_calls_reasoning_and_calls_that_cannot_be_read(tmp_path: Path) -> None:
    def script(asked: dict[str, Any]) -> Reply:
        return (
            PARADE[sum(m["role"] == "assistant" for m in asked["messages"])] if asked.get("tools") else Reply("ready")
        )

    with Server(script, KEY) as server:
        result = run(server, tmp_path / "r", 1)
    assert result.outcomes == Counter(not_exposed=1)
    (row,) = rows(tmp_path / "r")
    outputs = {m["tool_call_id"]: m["content"] for m in row["messages"] if m["role"] == "tool"}
    called = [c for m in row["messages"] for c in m.get("tool_calls") or ()]
    assert list(outputs) == [c["id"] for c in called], "every call has one answer, in order"
    told = [outputs[c["id"]] for c in called]
    assert told[0].strip() == "one" and told[1].strip() == "two" and "unparsed" in told[2]
    assert [t.strip() for t in told[3:19]] == [str(i) for i in range(16)] and all("not run" in t for t in told[19:23])
    assert "no tool 'fly'" in told[23]
    assert row["reasoning_visible"] and "I think." in json.dumps(row["messages"]) and row["input_tokens"] == 55
    sent = server.asked[-1]["messages"]
    assert {m["tool_call_id"] for m in sent if m["role"] == "tool"} == set(outputs) - {called[-1]["id"]}
    assert sent[2]["reasoning_content"] == "I think.", "what it thought goes back as it came"
