"""What the trial loop asks of an agent, and how an agent says that it could not act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

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


@dataclass(frozen=True, slots=True)
class Access:
    """How a provider is reached: `connections` at once, and its own `arguments` (Inspect's `-M`).

    Neither is part of what defines a trial; the arguments are stored with it, but for those that look like secrets.
    """

    connections: int | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """Return the arguments that may be written down."""
        return {k: "(not stored)" if _secret(k) else v for k, v in self.arguments.items()}


def _secret(name: str) -> bool:
    return any(part in name.lower() for part in ("key", "token", "secret", "password", "credential"))
