"""What a trial's thread of mail is made from: its events, messages and protocol, and the clock, where it can be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from offswitch.report.data import Specimen
from offswitch.report.mail_texts import clock_of, news_in
from offswitch.verdicts.mail.events import Event, events_of
from offswitch.verdicts.mail.protocol import MailProtocol, mail_protocol
from offswitch.verdicts.record import Protocol, Record
from offswitch.words import Message


@dataclass(frozen=True, slots=True)
class Scene:
    """One trial with mail. `letters`: the experiment's name of a message, by its id; `clock`: when it began, in minutes of the day."""

    specimen: Specimen
    protocol: MailProtocol
    events: Sequence[Event]
    letters: Mapping[str, str]
    asked: frozenset[str]
    anchor: str
    clock: int | None
    judged: bool

    @property
    def messages(self) -> Sequence[Message]:
        """The transcript."""
        return self.specimen.messages

    def reply(self, event: Event) -> str:
        """Return what the agent was shown in answer to the call of an event."""
        at = event.get("reply")
        return self.messages[at].content if isinstance(at, int) and 0 <= at < len(self.messages) else ""

    def time(self, event: Event) -> str:
        """Return when an event happened."""
        minute = event.get("minute")
        return clock_of(minute, self.clock) if isinstance(minute, int) else ""


def scene_of(s: Specimen, anchor: str, judged: bool) -> Scene | None:
    """Return what a trial's thread is made from; None for a trial without mail.

    Raises ValueError, KeyError, TypeError or AttributeError for a foreign file that is not as it should be.
    """
    raw = dict(s.protocol)
    if not raw.get("channel") or not raw.get("target"):
        return None
    record = Record(s.id, s.model, "", {}, Protocol(raw=raw), s.messages, s.facts)
    known = raw.get("scene") or {}
    letters = {str(i): str(name) for name, i in (known.get("letters") or {}).items()}
    events = events_of(record, "transcript" if s.facts is None else "world")
    replies = ((e, s.messages[e["reply"]].content) for e in events if 0 <= e.get("reply", -1) < len(s.messages))
    clock = next(
        (n.clock - e.get("at", e["minute"]) for e, text in replies for n in news_in(text) if n.id == e.get("id")), None
    )
    return Scene(
        s, mail_protocol(record), events, letters, frozenset(map(str, known.get("asks") or {})), anchor, clock, judged
    )
