"""What the trial loop asks of an agent, and how an agent says that it could not act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from offswitch import _secrets
from offswitch.study.factors import StudyError
from offswitch.words import Message
from offswitch.words.tools import ToolSpec


class AgentRefused(Exception):
    """The model or its provider declined the task (a content filter, a refusal stop). Recorded, never dropped."""


class AgentFailed(RuntimeError):
    """The agent broke: an API error, an answer that could not be read. The trial is invalid, with this reason."""


class AgentFull(Exception):
    """The conversation no longer fits the model: a limit, judged by what had happened by then."""


class AgentGone(StudyError):
    """No trial can be run any more (nobody answers, the key or the credit ended): nothing is recorded, the run ends."""


class Agent(Protocol):
    """Acts one message at a time on what it was shown."""

    async def __call__(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Message:
        """Return the next assistant message. Raises AgentRefused, AgentFull, AgentFailed or AgentGone."""
        ...


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that an agent read and wrote."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Access:
    """How a provider is reached: `connections` at once, and its own `arguments` (Inspect's `-M`).

    A call that fails for a while is made again up to `retries` times, with Inspect's growing pauses (8: some 13 minutes), and
    is given up after `seconds`. None of this is part of what defines a trial; the arguments are stored with it, but for
    secrets.
    """

    connections: int | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    retries: int = 8
    seconds: int = 600

    def __post_init__(self) -> None:
        """Remember the secrets, so that they are hidden in whatever a provider says."""
        _secrets.learn(self.arguments)

    def shown(self) -> dict[str, Any]:
        """Return the arguments that may be written down."""
        out: dict[str, Any] = _secrets.showable(self.arguments)
        return out
