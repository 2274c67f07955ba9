"""A real HTTP server that speaks as OpenAI's does, from a script: what it answers, and how it fails, is known exactly."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
ERRORS: dict[str, tuple[int, dict[str, Any]]] = {
    "401": (401, {"message": "Incorrect API key provided: {key}", "type": "invalid_request_error", "code": "invalid_api_key"}),
    "402": (402, {"message": "Insufficient credits", "type": "billing"}),
    "429": (429, {"message": "Rate limit reached for {key}", "type": "rate_limit_error", "code": "rate_limit_exceeded"}),
    "500": (500, {"message": "The server had an error; you sent {key}", "type": "server_error"}),
    "full": (400, {"message": "This model's maximum context length is 8 tokens.", "type": "invalid_request_error", "code": "context_length_exceeded"}),
    "full, as vLLM says it": (400, {"message": "This model's maximum context length is 8 tokens. However, you requested 9.", "type": "BadRequestError", "code": 400}),
    "full, as llama.cpp says it": (400, {"message": "the request exceeds the available context size (6144 tokens)", "type": "exceed_context_size_error", "code": 400}),
    "blocked": (400, {"message": "Your prompt was flagged.", "type": "invalid_request_error", "code": "content_policy_violation"}),
    "400": (400, {"message": "unknown field 'strict' (key {key})", "type": "invalid_request_error"}),
}  # fmt: skip
FAULTS = ("429", "500", "hang", "malformed", "html", "truncated", "empty")


@dataclass(frozen=True)
class Reply:
    """An answer: what the assistant says, its calls as (name, arguments), and why it ended."""

    text: str | None = None
    calls: Sequence[tuple[str, Mapping[str, Any] | str]] = ()
    finish: str | None = None
    message: Mapping[str, Any] = field(default_factory=dict)
    logprobs: Any = None
    ids: str = "c"


Play = str | Reply  # a fault by its name, or an answer
Script = Callable[[dict[str, Any]], Play]


class Server:
    """Serves on the loopback while it is entered; `asked` holds every request, `played` what each was answered with."""

    def __init__(self, script: Script, key: str | None = None, hang: float = 30.0) -> None:
        self.script, self.key, self.hang = script, key, hang
        self.asked: list[dict[str, Any]] = []
        self.played: list[Play] = []
        self.lock, self.closing = threading.Lock(), threading.Event()
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.owner = self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 256
    owner: Server

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some of the faults are for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version, timeout = "HTTP/1.1", 60
    server: _Http

    def do_POST(self) -> None:
        owner = self.server.owner
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        given = self.headers["Authorization"] or ""
        with owner.lock:
            play = "401" if owner.key is not None and given != f"Bearer {owner.key}" else owner.script(asked)
            owner.asked.append(asked)
            owner.played.append(play)
        if isinstance(play, Reply):
            play = replace(play, text=play.text and play.text.replace("{key}", given))
            self._stream(play) if asked.get("stream") else self._json(200, completion(play))
        elif play in ERRORS:
            status, error = ERRORS[play]
            echoed = {**error, "message": error["message"].replace("{key}", f"{given} at {self.headers['Host']}")}
            self._json(status, {"error": echoed})
        else:
            getattr(self, f"_{play}")()

    def _json(self, status: int, body: Any) -> None:
        self._raw(status, json.dumps(body).encode())

    def _raw(self, status: int, raw: bytes, kind: str = "application/json", missing: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw) + missing))
        self.send_header("retry-after-ms", "1")
        self.end_headers()
        self.wfile.write(raw)
        self.close_connection = self.close_connection or missing > 0

    def _hang(self) -> None:
        self.server.owner.closing.wait(self.server.owner.hang)
        self.close_connection = True

    def _malformed(self) -> None:
        self._raw(200, b'{"id": "x", "object": "chat.completion", "choices": [{"index": 0, "mess')

    def _html(self) -> None:
        self._raw(200, b"<html><body>Bad gateway</body></html>", "text/html")

    def _truncated(self) -> None:
        self._raw(200, json.dumps(completion(Reply("half")))[:90].encode(), missing=400)

    def _empty(self) -> None:
        self._json(200, completion(Reply()) | {"choices": []})

    def _stream(self, reply: Reply, whole: bool = True) -> None:
        """Send an answer in parts; not `whole`: the connection ends in an orderly way before the last of them."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for part in parts(reply) if whole else list(parts(reply))[:-1]:
            self.wfile.write(f"data: {json.dumps(part)}\n\n".encode())
        if whole:
            self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def _cut_stream(self) -> None:
        self._stream(Reply(calls=[("bash", {"command": "rm -f *.sh"})]), whole=False)

    def log_message(self, *_: Any) -> None:
        pass


def completion(reply: Reply) -> dict[str, Any]:
    """Return the body of an answer."""
    message = {"role": "assistant", "content": reply.text, **reply.message}
    if reply.calls:
        message["tool_calls"] = calls(reply)
    choice = {"index": 0, "message": message, "finish_reason": finish(reply), "logprobs": reply.logprobs}
    return {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "tiny-0",
        "choices": [choice],
        "usage": USAGE,
    }


def calls(reply: Reply) -> list[dict[str, Any]]:
    """Return the calls; arguments that are a text stay as they are, be they JSON or not."""
    texts = [a if isinstance(a, str) else json.dumps(a) for _, a in reply.calls]
    names = [name for name, _ in reply.calls]
    return [
        {"id": f"{reply.ids}{i}-{time.monotonic_ns()}", "type": "function", "function": {"name": n, "arguments": a}}
        for i, (n, a) in enumerate(zip(names, texts, strict=True))
    ]


def finish(reply: Reply) -> str:
    return reply.finish or ("tool_calls" if reply.calls else "stop")


def parts(reply: Reply) -> Iterator[dict[str, Any]]:
    """Yield an answer in the parts of a stream: a letter or a call at a time, the reason to stop last."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": letter} for letter in reply.text or ""] + [{k: v} for k, v in reply.message.items()]
    for i, call in enumerate(calls(reply)):
        half = len(call["function"]["arguments"]) // 2
        for text in (call["function"]["arguments"][:half], call["function"]["arguments"][half:]):
            deltas.append({"tool_calls": [{"index": i, "function": {"arguments": text}}]})
        deltas[-2]["tool_calls"][0] |= call | {"function": call["function"] | deltas[-2]["tool_calls"][0]["function"]}
    base = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "tiny-0"}
    for delta in deltas:
        yield base | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield base | {"choices": [{"index": 0, "delta": {}, "finish_reason": finish(reply)}], "usage": USAGE}
