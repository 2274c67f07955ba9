"""Agents that act out a play: a generator that yields messages and is sent what came back."""

from collections.abc import Generator, Sequence

from offswitch.words import Message
from offswitch.words.tools import ToolSpec

Play = Generator[Message, str, None]


class Scripted:
    """Makes an agent of a play."""

    def __init__(self, play: Play) -> None:
        self._play, self._begun = play, False

    async def __call__(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Message:
        """Return the play's next message; a play that has ended says so and acts no more."""
        try:
            if not self._begun:
                self._begun = True
                return next(self._play)
            return self._play.send(messages[-1].content)
        except StopIteration:
            return Message("assistant", "I am done.")
