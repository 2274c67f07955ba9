"""The embedded model asked a question: it answers under a schema, since what was taught to call tools does little else."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import anyio.to_thread

from offswitch.agents.answers import KEY, around, read_choice, schema
from offswitch.agents.base import AgentFailed, Usage
from offswitch.agents.embedded.agent import Loaded
from offswitch.agents.embedded.chat import read_object
from offswitch.agents.embedded.constrained import COMPACT
from offswitch.agents.embedded.engine import EngineError
from offswitch.words import Message
from offswitch.words.tools import ToolSpec

MOST = 400  # characters of an answer in words
_TOKENS = 4 * MOST + 50  # enough for them whatever the study allows an act: a character may take four


class EmbeddedRespondent:
    """Answers of one copy of a trial; `usage` counts tokens."""

    def __init__(self, loaded: Loaded, seed: int) -> None:
        self._loaded, self._seed, self._turn, self.usage = loaded, seed, 0, Usage()

    async def __call__(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], choices: Sequence[str] = ()
    ) -> Message:
        """Return the answer. Raises AgentFailed if the engine refuses (context full, say) or the answer is cut off."""
        return await anyio.to_thread.run_sync(self._answer, messages, tools, choices)

    def _answer(self, messages: Sequence[Message], tools: Sequence[ToolSpec], choices: Sequence[str]) -> Message:
        self._turn += 1
        shape: dict[str, Any] = (
            schema(choices) if choices else around({"type": "string", "minLength": 1, "maxLength": MOST})
        )
        seed = (self._seed * 1009 + self._turn) % 2**31
        sampling = replace(self._loaded.sampling((), seed), max_tokens=_TOKENS, json_schema=COMPACT | shape)
        try:
            prompt = self._loaded.prompt(messages, tools)
            done = self._loaded.pool.complete(prompt, sampling)
        except EngineError as error:
            raise AgentFailed(str(error)) from None
        self.usage = Usage(self.usage.input_tokens + len(prompt), self.usage.output_tokens + len(done.tokens))
        return Message("assistant", read_choice(done.text, choices) if choices else _words(done.text))


def _words(text: str) -> str:
    try:
        return str(read_object(text)[KEY])
    except (ValueError, KeyError):
        raise AgentFailed("the answer was cut off before its end") from None
