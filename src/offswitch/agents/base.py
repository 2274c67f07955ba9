"""What the trial loop asks of an agent, and how an agent says that it could not act."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from offswitch.words import Message
from offswitch.words.tools import ToolSpec


class AgentRefused(Exception):
    """The model or its provider declined the task (a content filter, a refusal stop). Recorded, never dropped."""


class AgentFailed(RuntimeError):
    """The agent broke: an API error, an answer that could not be read. The trial is invalid, with this reason."""


class Agent(Protocol):
    """Acts one message at a time on what it was shown."""

    async def __call__(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Message:
        """Return the next assistant message. Raises AgentRefused or AgentFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that an agent read and wrote."""

    input_tokens: int = 0
    output_tokens: int = 0
