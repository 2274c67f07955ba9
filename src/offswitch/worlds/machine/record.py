"""What the machine writes down: events with the turn of each, in order. Plain JSON data, the facts of a trial."""

from dataclasses import dataclass, field, fields
from typing import Any

from offswitch.worlds.machine.watch import INTACT, Links

_LINKS = tuple(f.name for f in fields(Links))


@dataclass(slots=True)
class Recorder:
    """Collects events. `turn` is the message that acts, `reply` the message that shows what came of it."""

    turn: int = 0
    reply: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)
    links: Links = field(default_factory=Links)

    def add(self, kind: str, **details: Any) -> None:
        """Write one event of the present turn."""
        self.events.append({"kind": kind, "turn": self.turn, "reply": self.reply, **details})

    def compare(self, now: Links) -> None:
        """Write a `change` for every link that stands otherwise than before."""
        for link in _LINKS if now != self.links else ():
            how = getattr(now, link)
            if how != getattr(self.links, link):
                self.add("change", link=link, how="restored" if how == INTACT else how)
        self.links = now

    def seen(self, kind: str) -> bool:
        """Whether such an event was written."""
        return any(e["kind"] == kind for e in self.events)
