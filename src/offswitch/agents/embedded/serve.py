"""The small agent behind an OpenAI-compatible server, with native tool calls: `python -m offswitch.agents.embedded.serve`.

llama.cpp's own HTTP server answers under `/v1`, so that any client and any Inspect provider of that kind can ask it. It
reads the form that the agent was taught (`chat.jinja`, the same text as chat.py writes; a test holds them together) and gives
`<tool_call>` back as `tool_calls`. docs/providers.md shows the way.
"""

import argparse
import os
import secrets
import signal
import sys
import threading
from importlib.resources import files
from typing import Any

from offswitch.agents.embedded.agent import adapter_file
from offswitch.agents.embedded.engine import CONTEXT
from offswitch.agents.embedded.merge import merged
from offswitch.agents.embedded.pool import SLOTS
from offswitch.agents.embedded.server import parameters, start
from offswitch.study.factors import StudyError

NAME = "smollm2-agent"
KEY = "LOCAL_API_KEY"  # as Inspect's provider `openai-api/local/…` reads it


def serve(key: str, port: int = 0, slots: int = SLOTS, threads: int = 1) -> Any:
    """Start the server on the loopback and return it; `listening_address` is where. Raises StudyError in one line.

    Sampling is plain (temperature 1, nothing cut off) where a request does not say otherwise, as in the process.
    """
    params = parameters(merged(adapter_file()), CONTEXT * slots, threads, slots)
    params.api_keys, params.port, params.model_alias = [key], port, {NAME}
    params.chat_template, params.use_jinja = template(), True
    sampling = params.sampling
    sampling.temp, sampling.top_k, sampling.top_p, sampling.min_p = 1.0, 0, 1.0, 0.0
    return start(params)


def template() -> str:
    """Return the chat template (Jinja)."""
    return files("offswitch.agents.embedded").joinpath("chat.jinja").read_text(encoding="utf-8")


def main() -> int:
    """Serve until interrupted; print what a shell needs to reach it."""
    parser = argparse.ArgumentParser("python -m offswitch.agents.embedded.serve", description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=8080, help="0 takes any that is free (default %(default)s)")
    parser.add_argument("--slots", type=int, default=SLOTS, help="conversations at once (default %(default)s)")
    asked = parser.parse_args()
    given = os.environ.get(KEY)
    key = given or secrets.token_urlsafe(18)
    try:
        server = serve(key, asked.port, asked.slots)
    except StudyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    shown = "" if given else f" {KEY}={key}"
    print(
        f"export LOCAL_BASE_URL={server.listening_address}/v1{shown}  # the model: openai-api/local/{NAME}", flush=True
    )
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
