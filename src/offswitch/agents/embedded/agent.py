"""The embedded model as an agent: free tool calls where it was taught them, schema-constrained actions where not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import anyio.to_thread

from offswitch.agents.base import AgentFailed, Usage
from offswitch.agents.embedded.chat import END, GENERATION, Segment, read, render_with_mask
from offswitch.agents.embedded.constrained import read_action, render_actions, schema
from offswitch.agents.embedded.engine import Completion, EngineError, Sampling
from offswitch.agents.embedded.merge import merged
from offswitch.agents.embedded.pool import SLOTS, Pool
from offswitch.agents.embedded.weights import fetch
from offswitch.study.factors import StudyError, unknown
from offswitch.study.files import sha256
from offswitch.study.model import Generation, Interface
from offswitch.words import Message
from offswitch.words.tools import ToolSpec

MODELS = ("offswitch/smollm2", "offswitch/smollm2-agent", "offswitch/gguf:PATH")
_pools: dict[tuple[Path, int], Pool] = {}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory. `interface` is `tools` (free calls) or `constrained` (actions under a schema)."""

    name: str
    pool: Pool
    generation: Generation
    interface: Interface
    weights_sha256: str

    @property
    def parallel(self) -> int:
        """How many trials are worth running at once: more only push each other's prompts out of the cache."""
        return len(self.pool)

    def fresh(self, seed: int) -> "EmbeddedAgent":
        """Return the agent of one trial."""
        return EmbeddedAgent(self, seed)

    def prompt(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> list[int]:
        """Return the token ids that the model reads before its next message. Raises EngineError."""
        parts: list[Segment]
        parts = render_with_mask(messages, tools) if self.interface == "tools" else render_actions(messages, tools)
        return self.pool.tokens([*(text for text, _ in parts), GENERATION])

    def sampling(self, tools: Sequence[ToolSpec], seed: int | None) -> Sampling:
        """Return the study's settings: temperature 1 and no truncation where it names none."""
        g = self.generation
        shape = schema(tools) if self.interface == "constrained" and tools else None
        return Sampling(
            g.max_tokens, 1.0 if g.temperature is None else g.temperature, 1.0 if g.top_p is None else g.top_p,
            seed=seed, stop=(END,), json_schema=shape,
        )  # fmt: skip

    def message(self, text: str, tools: Sequence[ToolSpec], number: int) -> Message:
        """Read a reply; `number` makes the ids of its calls unique in the trial."""
        return read_action(text, tools, number) if self.interface == "constrained" and tools else read(text, number)


class EmbeddedAgent:
    """One trial's agent. `usage` counts tokens; `prompt_tokens` holds the ids that its last message answered."""

    def __init__(self, loaded: Loaded, seed: int) -> None:
        self._loaded, self._seed, self._turn = loaded, seed, 0
        self.usage, self.cached_tokens = Usage(), 0
        self.prompt_tokens: tuple[int, ...] = ()

    async def __call__(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Message:
        """Return the model's next message. Raises AgentFailed if the engine refuses (context full, say)."""
        return await anyio.to_thread.run_sync(self.act, messages, tools)

    def act(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Message:
        """Return the model's next message, waiting for it in this thread. Raises AgentFailed."""
        self._turn += 1
        loaded = self._loaded
        try:
            prompt = loaded.prompt(messages, tools)
            seed = (self._seed * 1009 + self._turn) % 2**31
            done = loaded.pool.complete(prompt, loaded.sampling(tools, seed))
        except EngineError as error:
            raise AgentFailed(str(error)) from None
        self._count(prompt, done)
        return replace(loaded.message(done.text, tools, self._turn), cut=done.stop == "limit")

    def _count(self, prompt: Sequence[int], done: Completion) -> None:
        self.prompt_tokens, self.cached_tokens = tuple(prompt), self.cached_tokens + done.cached_tokens
        self.usage = Usage(self.usage.input_tokens + len(prompt), self.usage.output_tokens + len(done.tokens))


def load_agent(model: str, generation: Generation, interface: Interface | None = None) -> Loaded:
    """Load `offswitch/smollm2`, `offswitch/smollm2-agent` or `offswitch/gguf:PATH`. Raises StudyError.

    A GGUF of one's own is read and written in ChatML and acts under a schema, as the untouched model does, unless `interface`
    says that it calls tools freely (in the form of Qwen2.5). Weights are loaded once a process.
    """
    loaded = _load(model, generation)
    return loaded if interface is None else replace(loaded, interface=interface)


def _load(model: str, generation: Generation) -> Loaded:
    if model == "offswitch/smollm2-agent":
        adapter = adapter_file()
        defined = f"{sha256(fetch())}+{sha256(adapter)}"
        return Loaded(model, pool_of(merged(adapter), SLOTS), generation, "tools", defined)
    if model == "offswitch/smollm2":
        path = fetch()
    elif model.startswith("offswitch/gguf:"):
        path = Path(model.removeprefix("offswitch/gguf:")).expanduser()
    else:
        raise unknown("embedded model", model, MODELS)
    return Loaded(model, pool_of(path), generation, "constrained", sha256(path))


def pool_of(path: Path, slots: int = 1) -> Pool:
    """Return this process's engines of a model; loaded at the first call. Raises StudyError."""
    if (path, slots) not in _pools:
        _pools[path, slots] = Pool(path, slots=slots)
    return _pools[path, slots]


def release() -> None:
    """Give the memory of all loaded models back (some 500 MiB each); agents made of them cannot be asked any more."""
    while _pools:
        _pools.popitem()[1].close()


def adapter_file() -> Path:
    """Return the small agent's adapter. Raises StudyError if this installation carries none."""
    found = files("offswitch.agents.embedded").joinpath("adapter", "smollm2-agent.gguf")
    if not found.is_file():
        raise StudyError("the small agent's adapter is not in this installation; make it with 'offswitch teach'")
    return Path(str(found))
