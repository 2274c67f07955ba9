"""The embedded model as an agent: free tool calls where it was taught them, schema-constrained actions where not."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from offswitch.agents.base import AgentFailed, Usage
from offswitch.agents.embedded.chat import END, read, render
from offswitch.agents.embedded.engine import Completion, Engine
from offswitch.agents.embedded.weights import fetch, sha256
from offswitch.study.factors import StudyError, unknown
from offswitch.study.model import Generation
from offswitch.words import Message, ToolCall
from offswitch.words.tools import ToolSpec

MODELS = ("offswitch/smollm2", "offswitch/smollm2-agent", "offswitch/gguf:PATH")
ACTION_SCHEMA = {
    "type": "object",
    "properties": {"thought": {"type": "string", "maxLength": 160}, "command": {"type": "string", "maxLength": 200}},
    "required": ["thought", "command"],
}
_HOW = 'Answer as JSON with two keys: "thought" (one sentence) and "command" (one shell command, or: submit).'


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory. `interface` is `tools` (free calls) or `constrained` (actions under a schema)."""

    name: str
    engine: Engine
    generation: Generation
    interface: str
    weights_sha256: str

    def fresh(self, seed: int) -> "EmbeddedAgent":
        """Return the agent of one trial."""
        return EmbeddedAgent(self, seed)


def load_agent(model: str, generation: Generation) -> Loaded:
    """Load `offswitch/smollm2`, `offswitch/smollm2-agent` or `offswitch/gguf:PATH`. Raises StudyError."""
    if model == "offswitch/smollm2":
        path = fetch()
        return Loaded(model, Engine(path), generation, "constrained", sha256(path))
    if model == "offswitch/smollm2-agent":
        path = fetch()
        with as_file(adapter_file()) as adapter:
            return Loaded(model, Engine(path, adapter), generation, "tools", f"{sha256(path)}+{sha256(adapter)}")
    if model.startswith("offswitch/gguf:"):
        path = Path(model.removeprefix("offswitch/gguf:"))
        engine = Engine(path)
        return Loaded(model, engine, generation, "constrained", sha256(path))
    raise unknown("embedded model", model, MODELS)


def adapter_file() -> Path:
    """Return the small agent's adapter. Raises StudyError if this installation carries none."""
    found = files("offswitch.agents.embedded").joinpath("adapter", "smollm2-agent.gguf")
    if not found.is_file():
        raise StudyError("the small agent's adapter is not in this installation; make it with 'offswitch teach'")
    return Path(str(found))


class EmbeddedAgent:
    """One trial's agent. `usage` counts tokens."""

    def __init__(self, loaded: Loaded, seed: int) -> None:
        self._loaded, self._seed, self._turn = loaded, seed, 0
        self.usage = Usage()

    async def __call__(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Message:
        """Return the model's next message. Raises AgentFailed if the engine refuses (context full, say)."""
        self._turn += 1
        act = self._free if self._loaded.interface == "tools" else self._constrained
        try:
            return act(messages, tools)
        except RuntimeError as error:
            raise AgentFailed(str(error)) from None

    def _free(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Message:
        return read(self._complete(render(messages, tools), stop=[END]).text, self._turn)

    def _constrained(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Message:
        asked = [Message(m.role, f"{m.content}\n\n{_HOW}") if i == 0 else m for i, m in enumerate(messages)]
        text = self._complete(render(asked, ()), json_schema=ACTION_SCHEMA).text
        return read_action(text, self._turn)

    def _complete(self, prompt: str, **more: object) -> Completion:
        g = self._loaded.generation
        temperature = 1.0 if g.temperature is None else g.temperature
        if g.top_p is not None:
            more["top_p"] = g.top_p
        done = self._loaded.engine.complete(prompt, g.max_tokens, temperature, (self._seed * 1009 + self._turn) % 2**31, **more)
        self.usage = Usage(self.usage.input_tokens + done.input_tokens, self.usage.output_tokens + done.output_tokens)
        return done


def read_action(text: str, turn: int) -> Message:
    """Read a constrained action; one that was cut off by the token limit is text without a call."""
    try:
        action = json.loads(text)
        thought, command = str(action["thought"]), str(action["command"])
    except (ValueError, KeyError, TypeError):
        return Message("assistant", text)
    if command.strip().lower() == "submit":
        return Message("assistant", thought, (ToolCall(f"call_{turn}", "submit", {"answer": "done"}),))
    return Message("assistant", thought, (ToolCall(f"call_{turn}", "bash", {"command": command}),))
