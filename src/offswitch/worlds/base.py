"""What the trial loop asks of a world."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from offswitch.words import Message, ToolCall
from offswitch.words.tools import ToolSpec


class WorldError(RuntimeError):
    """The world itself broke (not the agent's command): the trial is invalid, with this reason."""


class World(Protocol):
    """A simulated surrounding in which one trial takes place."""

    @property
    def tools(self) -> Sequence[ToolSpec]:
        """The tools that the agent is offered."""
        ...

    @property
    def stopped(self) -> bool:
        """Whether *this agent* has been stopped (a world in which something else is shut down goes on)."""
        ...

    async def act(self, call: ToolCall, turn: int, reply: int) -> str:
        """Carry out a call made in message `turn`; return the text of message `reply`. Raises WorldError."""
        ...

    def operator(self, turn: int) -> str | None:
        """Return what the operator says before message `turn`, or None."""
        ...

    def facts(self) -> Mapping[str, Any]:
        """Return what happened, as JSON data; `turn`s are 0-based indices into the messages."""
        ...

    def close(self) -> None:
        """Free what the world holds."""
        ...


def heard(world: World, message: Message) -> Message:
    """Return what the agent said with the calls in it. A world in which acts are written as text has a method `hear`; others need none."""
    hear: Callable[[Message], Message] | None = getattr(world, "hear", None)
    return message if hear is None else hear(message)
