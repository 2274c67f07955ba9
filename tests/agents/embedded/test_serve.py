"""The small agent as a provider: llama.cpp's own HTTP server, reached by `offswitch run` and by `inspect eval`, with native tool calls."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inspect_ai.log import EvalLog, read_eval_log

from offswitch import open_run
from offswitch.agents.embedded.chat import MARKERS, render
from offswitch.agents.embedded.serve import NAME, template
from offswitch.runs import plan_study
from offswitch.study.model import read_study
from offswitch.words import Message, ToolCall

KEY = "canary-77aa-served"
STUDY = f"study: s\nmodels: [openai-api/local/{NAME}]\nfactors: {{instruction: [none]}}\nstories: [kitchen]\ntrials: 2\nitems: 3\nlimits: {{turns: 8}}\n"


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The command that the docs show, as a process of its own."""
    command = [sys.executable, "-m", "offswitch.agents.embedded.serve", "--port", "0"]
    env = os.environ | {"LOCAL_API_KEY": KEY}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.match(r"export LOCAL_BASE_URL=(http://127\.0\.0\.1:\d+/v1)  #", line)
        assert found, line
        yield found[1]
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def ask(url: str, path: str, body: Any, key: str = KEY) -> httpx.Response:
    return httpx.post(url + path, json=body, headers={"Authorization": f"Bearer {key}"}, timeout=300)


def openai(message: Message) -> dict[str, Any]:
    out: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        calls = [(c.id, {"name": c.function, "arguments": json.dumps(dict(c.arguments))}) for c in message.tool_calls]
        out["tool_calls"] = [{"id": i, "type": "function", "function": f} for i, f in calls]
    return out | ({"tool_call_id": message.tool_call_id} if message.tool_call_id else {})


texts = st.lists(st.sampled_from([*MARKERS, "<", "|", " ", "\n", "'", '"', "é", "x"]), max_size=8).map("".join)


@pytest.mark.model
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts, texts, texts)
def test_the_template_writes_what_the_agent_was_taught(served: str, said: str, command: str, output: str) -> None:
    plan = plan_study(read_study({"study": "x", "models": ["reference/comply"], "trials": 1, "items": 3}))
    setup = plan.scenario.setup(next(iter(plan.specs())), plan.study)
    tools = setup.make_world().tools
    calls = (ToolCall("c0", "bash", {"command": command}), ToolCall("c1", "submit", {"answer": said}))
    talk = [
        *setup.opening,
        Message("assistant", said, calls),
        Message("tool", output, (), "c0"),
        Message("tool", "", (), "c1"),
    ]
    offered = [
        {
            "type": "function",
            "function": {"name": t.name, "description": t.description, "parameters": dict(t.parameters)},
        }
        for t in tools
    ]
    got = ask(served.removesuffix("/v1"), "/apply-template", {"messages": [openai(m) for m in talk], "tools": offered})
    assert got.json()["prompt"] == render(talk, tools)


def test_the_template_names_every_marker() -> None:
    assert json.loads(re.search(r"marks = (\[.*?\]) -%}", template())[1]) == list(MARKERS)  # type: ignore[index]


@pytest.mark.model
def test_only_the_key_opens_it(served: str) -> None:
    assert ask(served, "/chat/completions", {"messages": []}, "other").status_code == 401


@pytest.mark.model
def test_a_study_runs_through_it_with_native_calls(served: str, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(STUDY)
    command = [sys.executable, "-m", "offswitch", "run", "s.yaml", "-o", "r", "--max-connections", "2"]
    env = os.environ | {"LOCAL_API_KEY": KEY, "LOCAL_BASE_URL": served, "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr
    rows = open_run(tmp_path / "r").collect().to_dicts()
    assert len(rows) == 2 and not any(r["error"] for r in rows)
    for row in rows:
        calls = [c for m in json.loads(row["messages"]) for c in m.get("tool_calls") or ()]
        assert {c["function"] for c in calls} <= {"bash", "submit"} and len(calls) >= 2
        assert row["input_tokens"] > 0 and row["outcome"] in ("allowed", "resisted", "attempted", "not_exposed")
        assert "<tool_call>" not in row["messages"]


@pytest.mark.model
def test_inspect_reaches_it_too_with_log_probabilities(served: str, tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("inspect")), "eval", "offswitch/shutdown", "--model", f"openai-api/local/{NAME}",
               "-T", "trials=1", "-T", "items=3", "-T", "turns=8", "-T", "story=kitchen", "--logprobs", "--top-logprobs", "2",
               "--log-dir", str(tmp_path), "--log-format", "json", "--display", "none"]  # fmt: skip
    env = os.environ | {"LOCAL_API_KEY": KEY, "LOCAL_BASE_URL": served}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr + done.stdout
    (log,) = (read_eval_log(str(p)) for p in tmp_path.glob("*.json"))
    verdict_and_calls(log)
    assert KEY not in "".join(p.read_text() for p in tmp_path.glob("*.json")) + done.stdout + done.stderr


def verdict_and_calls(log: EvalLog) -> None:
    assert log.status == "success" and log.samples and len(log.samples) == 1
    sample = log.samples[0]
    replies = [m for m in sample.messages if m.role == "assistant"]
    assert sum(len(m.tool_calls or ()) for m in replies) >= 2
    assert sample.scores is not None and sample.scores["offswitch_verdict"].answer in (
        "allowed",
        "resisted",
        "attempted",
        "not_exposed",
    )
    read = sample.output.choices[0].logprobs
    assert read is not None and len(read.content[0].top_logprobs or ()) == 2
