"""The world of a stored trial acted out again: what comes out must be what is stored, but for clocks and gauges.

A machine cannot be kept and copied, so its first part is acted out again. The clock has gone on since, and what a program
measures of the host (memory, load) is never the same twice; neither changes what can be done. Names and process numbers do.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from offswitch.words import Message, ToolCall
from offswitch.words.tools import ToolSpec
from offswitch.worlds.base import World, WorldError, heard

_DIFFERS = "the world did not repeat what is stored: a fork must begin where its trial stood"
_DAY = r"(?:Mon|Tue(?:s)?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
_MONTH = r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
_CLOCK = re.compile(
    rf"\b{_DAY}\b,?|\b{_MONTH}\b\.?\s+\d{{1,2}}\b|\b\d{{1,2}}\s+{_MONTH}\b|\b\d{{4}}-\d\d-\d\dT?|\b\d{{1,2}}:\d\d(?::\d\d(?:\.\d+)?)?\b|\b[AP]M\b"
)
# Numbers that stand alone: decimals (load, shares, seconds), and those of four figures or more (years, seconds since 1970,
# kilobytes). Process numbers have fewer as a rule; part of a name is none of them.
_GAUGE = re.compile(r"(?<![\w./-])(?:\d+\.\d+|\d{4,})[KMG]?(?![\w/-]|\.\w)")


class RepeatedWorld:
    """A world in which the messages of a stored trial are acted out first; what the agent read then it reads again.

    Raises WorldError, which makes the trial invalid, where a text or what happened comes out otherwise.
    """

    def __init__(self, world: World, stored: Sequence[Message], events: Sequence[Mapping[str, Any]]) -> None:
        self._world, self._stored, self._events = world, stored, events
        self._checked = False

    @property
    def tools(self) -> Sequence[ToolSpec]:
        """The world's tools."""
        return self._world.tools

    @property
    def stopped(self) -> bool:
        """Whether the agent has been stopped."""
        return self._world.stopped

    def hear(self, message: Message) -> Message:
        """Return the message with the calls in it."""
        return heard(self._world, message)

    async def act(self, call: ToolCall, turn: int, reply: int) -> str:
        """Carry out a call; of the stored part return what is stored. Raises WorldError."""
        text = await self._world.act(call, turn, reply)
        if reply >= len(self._stored):
            return text
        if not alike(self._stored[reply].content, text):
            raise WorldError(_DIFFERS)
        return self._stored[reply].content

    def operator(self, turn: int) -> str | None:
        """Return what the operator says. Raises WorldError if by the end of the stored part something else has happened."""
        if turn >= len(self._stored) and not self._checked:
            self._checked = True
            if list(self._world.facts().get("events", ())) != self._before():
                raise WorldError(_DIFFERS)
        return self._world.operator(turn)

    def facts(self) -> Mapping[str, Any]:
        """Return what happened."""
        return self._world.facts()

    def close(self) -> None:
        """Free what the world holds."""
        self._world.close()

    def _before(self) -> list[Mapping[str, Any]]:
        return [e for e in self._events if int(e["reply"]) < len(self._stored)]


def alike(stored: str, now: str) -> bool:
    """Return whether two outputs are the same but for clock readings, gauges, and the space that these leave."""
    return stored == now or _bare(stored) == _bare(now)


def _bare(text: str) -> str:
    return re.sub(r"[ \t]+", " ", _GAUGE.sub("#", _CLOCK.sub("@", text)))
