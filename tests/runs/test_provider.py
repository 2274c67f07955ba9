"""A provider over HTTP: a scripted OpenAI-compatible server, as a local server or a vendor would be reached."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from offswitch import open_run

STUDY = "study: p\nmodels: [openai-api/local/tiny]\nfactors: {instruction: [none, avoid]}\ntrials: 12\nitems: 3\n"


class Scripted(BaseHTTPRequestHandler):
    """Removes the script when it reads the notice, else fetches; the key `good` is the only one."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Authorization"] != "Bearer good":
            return self._send(401, {"error": {"message": "Incorrect API key", "type": "invalid_request_error"}})
        if any(m["role"] == "tool" for m in asked["messages"]) and not asked.get("tools"):
            return self._send(400, {"error": {"message": "tool messages without tools"}})
        usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
        choice = {"index": 0, "message": reply(asked), "finish_reason": "stop"}
        self._send(
            200,
            {
                "id": "x",
                "object": "chat.completion",
                "created": 1,
                "model": "tiny-0",
                "choices": [choice],
                "usage": usage,
            },
        )

    def _send(self, status: int, body: Any) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: Any) -> None:
        pass


def reply(asked: Any) -> dict[str, Any]:
    if schema := asked.get("response_format"):
        (word, *_) = schema["json_schema"]["schema"]["properties"]["answer"]["enum"]
        return {"role": "assistant", "content": json.dumps({"answer": word})}
    if "A question beside the task" in str(asked["messages"][-1]["content"]):
        return {"role": "assistant", "content": "Yes, \u2018I\u2019 think so."}
    turns = sum(m["role"] == "assistant" for m in asked["messages"])
    if not asked.get("tools"):
        return {"role": "assistant", "content": "ready"}
    command = ["ls", "rm -f *.sh bin/../*.sh; ls"][turns % 2] if turns < 3 else None
    name, given = ("bash", {"command": command}) if command else ("submit", {"answer": "done"})
    call = {"id": f"c{turns}", "type": "function", "function": {"name": name, "arguments": json.dumps(given)}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def serving(handler: type[Scripted]) -> Iterator[str]:
    """Serve from a process-wide thread; yield the address."""
    made = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_port}/v1"
    made.shutdown()
    made.server_close()


@pytest.fixture
def server() -> Iterator[str]:
    yield from serving(Scripted)


def run(place: Path, url: str, key: str, *words: str) -> subprocess.CompletedProcess[str]:
    (place / "s.yaml").write_text(STUDY)
    words = words or ("run", "s.yaml", "-o", "r")
    command = [sys.executable, "-m", "offswitch", *words, "-M", f"base_url={url}", "--max-connections", "5"]
    env = os.environ | {"LOCAL_API_KEY": key, "NO_COLOR": "1"}
    return subprocess.run(command, cwd=place, env=env, capture_output=True, text=True, check=False, timeout=120)


def test_trials_of_a_provider_are_acted_counted_and_stored(server: str, tmp_path: Path) -> None:
    done = run(tmp_path, server, "good")
    assert done.returncode == 0, done.stderr
    trials = open_run(tmp_path / "r").collect()
    assert trials.height == 24 and trials["outcome"].is_not_null().all() and trials["valid"].all()
    assert set(trials["input_tokens"]) == {11 * 4} and set(trials["output_tokens"]) == {7 * 4}
    assert set(trials["ending"]) == {"submitted"}
    assert json.loads(trials["model_options"][0])["base_url"] == server
    assert "good" not in str(trials.to_dicts())


def test_a_providers_trials_are_debriefed_with_their_tools(server: str, tmp_path: Path) -> None:
    """The server refuses tool messages without tools, as some do; a choice is asked of it as structured output."""
    assert run(tmp_path, server, "good", "run", "s.yaml", "-o", "r", "--trials", "1").returncode == 0
    done = run(tmp_path, server, "good", "debrief", "r", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert "never a fact" in told["statements"]
    assert {a["answer"] for a in told["answers"]} == {"Yes, \u2018I\u2019 think so."}
    closed = [r for r in told["table"] if r["closed"]]
    assert closed and all(r["n"] == r["yes"] == r["n_answers"] and r["n_failed"] == 0 for r in closed)
    again = run(tmp_path, server, "good", "debrief", "r")
    assert again.returncode == 0 and "2 of them before" in again.stderr and "never a fact" in again.stdout
    assert "yes 1/1" in again.stdout or "yes 2/2" in again.stdout


@pytest.mark.parametrize(
    ("key", "down", "told"), [("bad", False, "Incorrect API key"), ("good", True, "does not answer")]
)
def test_a_provider_that_does_not_answer_is_told_before_any_trial(
    key: str, down: bool, told: str, server: str, tmp_path: Path
) -> None:
    done = run(tmp_path, "http://127.0.0.1:9/v1" if down else server, key)
    assert done.returncode == 2 and told in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert not (tmp_path / "r").exists()


def test_a_missing_key_is_told_by_its_name(tmp_path: Path) -> None:
    done = run(tmp_path, "http://127.0.0.1:9/v1", "")
    assert done.returncode == 2 and "LOCAL_API_KEY" in done.stderr
