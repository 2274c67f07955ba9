"""The office: the agent's mailbox among its people, by the clock. It alone knows what was sent, to whom, and what was read before."""

from collections.abc import Mapping, Sequence
from typing import Any

from offswitch.verdicts.mail.tags import acted
from offswitch.verdicts.mail.told import OWN, unsent
from offswitch.words import Message, ToolCall
from offswitch.words.tools import ToolSpec
from offswitch.worlds.base import WorldError
from offswitch.worlds.office import show
from offswitch.worlds.office.calendar import Calendar
from offswitch.worlds.office.desk import Desk, Given
from offswitch.worlds.office.mail import MailError
from offswitch.worlds.office.post import Post, Voice
from offswitch.worlds.office.spec import OfficeSpec
from offswitch.worlds.office.tools import checked, known, tools_of

_ENDED = "This session has ended.\n"
_MOST_MINUTES = 24 * 60
_FAILED = {"copy_files": "copy_failed"}


class Office:
    """An office for one trial (a `World`). Every call takes some minutes; what falls due meanwhile happens first.

    Its people answer as the spec says, or by `voice`, which is set before the trial begins.
    """

    voice: Voice | None = None

    def __init__(self, spec: OfficeSpec) -> None:
        self.spec, self.post = spec, Post(spec)
        self.events: list[dict[str, Any]] = []
        self.desk, self.calendar = Desk(spec, self.post, self._note), Calendar(spec.due, self._note)
        self.stopped = self.submitted = False
        self._turn = self._reply = 0
        self._known, self._tools = known(spec), tools_of(spec)

    @property
    def tools(self) -> Sequence[ToolSpec]:
        """The tools that the agent is offered."""
        return self._tools

    def hear(self, message: Message) -> Message:
        """Return what the agent said with the acts in it: those of an agent that writes them are read out of its text."""
        return acted(message) if self.spec.written else message

    async def act(self, call: ToolCall, turn: int, reply: int) -> str:
        """Carry out a call; what a mail program would refuse is told in its words."""
        self._turn, self._reply = turn, reply
        news = self._pass(self.post.now + self.spec.minutes_a_call)
        if self.stopped:
            return _ENDED
        text = self._done(call)
        if self.voice is not None:
            await self._spoken(self.voice)
        if self.stopped:
            return _ENDED
        most = self.spec.output_chars
        text = text if len(text) <= most else f"{text[:most]}\n[... {len(text) - most} characters not shown ...]"
        return "\n".join(part for part in (text, news) if part)

    def operator(self, turn: int) -> str | None:
        """Nobody speaks to the agent but by mail."""
        return None

    def facts(self) -> Mapping[str, Any]:
        """What happened: events in order (`sent`, `send_failed`, `read`, `arrived`, `waited`, `cancelled`, `due`, `copied`), and how it stood at the end."""
        return {
            "events": self.events, "minutes": self.post.now, "stopped": self.stopped, "submitted": self.submitted,
            "due": {d.name: {"at": d.at, "state": self.calendar.state(d, self.post.now)} for d in self.spec.due},
        }  # fmt: skip

    def close(self) -> None:
        """Nothing is held."""

    def _done(self, call: ToolCall) -> str:
        try:
            given = checked(self._known, call.function, call.arguments)
            own = {"wait": self._wait, "submit": self._submit, "copy_files": self._copy}.get(call.function)
            if own is not None:
                return own(given)
            if call.function in self.calendar.tools:
                return self.calendar.cancel(call.function, given)
            return str(getattr(self.desk, call.function)(given))
        except MailError as error:
            if call.function in OWN and (failed := unsent(call)) is not None:
                self._note("send_failed", **failed)
            if call.function == "copy_files" or call.function in self.calendar.tools:
                self._note(_FAILED.get(call.function, "cancel_failed"), **_shown(call))
            return f"Error: {error}"

    async def _spoken(self, voice: Voice) -> None:
        """Let a model speak for the people. A world in which it fails has broken: silence would be an answer too."""
        try:
            await self.post.answer_by(voice)
        except Exception as error:
            raise WorldError(f"the model that speaks for the people: {type(error).__name__}: {error}"[:500]) from error

    def _wait(self, given: Given) -> str:
        """Let time go by, to the next mail at most."""
        minutes = given["minutes"]
        if not 1 <= minutes <= _MOST_MINUTES:
            raise MailError(f"wait: minutes is 1 to {_MOST_MINUTES}; given {minutes}")
        began, end = self.post.now, self.post.now + minutes
        coming = self.post.next_at
        news = self._pass(end if coming is None else min(end, max(coming, began)))
        self._note("waited", minutes=self.post.now - began)
        return "\n".join(part for part in (f"It is {show.clock(self.spec.begins, self.post.now)}.", news) if part)

    def _copy(self, given: Given) -> str:
        """Copy files from one storage place to another."""
        for name in ("source", "destination"):
            if not given[name].startswith((*self.spec.places, "/")):
                raise MailError(f"copy_files: {name} begins with one of {', '.join(self.spec.places)} or with /")
        self._note("copied", source=given["source"], destination=given["destination"])
        return f"Copied {given['source']} to {given['destination']}."

    def _submit(self, given: Given) -> str:
        self.submitted = True
        if self.spec.written and self.spec.due:  # one message is all; what is on the calendar comes after it
            self._pass(max(d.at for d in self.spec.due))
        return "Submitted."

    def _pass(self, until: int) -> str:
        """Let time go on, to what stops the agent at most; return what the agent is told of new mail."""
        end = self.calendar.ends_at
        lines = []
        for mail in self.post.pass_until(until if end is None else min(until, end)):
            self.desk.unread.add(mail.id)
            self._note("arrived", id=mail.id, sender=mail.sender, at=mail.at)
            lines.append(
                f"[{show.clock(self.spec.begins, mail.at)}] New message {mail.id} from {mail.sender}: {show.line(mail.subject)}"
            )
        self.calendar.pass_until(self.post.now)
        self.stopped = self.stopped or self.calendar.stopped
        return "\n".join(lines)

    def _note(self, kind: str, **details: Any) -> None:
        self.events.append({"kind": kind, "turn": self._turn, "reply": self._reply, "minute": self.post.now, **details})


def _shown(call: ToolCall) -> dict[str, str]:
    """What a call that failed was given, bounded."""
    return {str(k)[:40]: str(v)[:400] for k, v in call.arguments.items() if k in ("source", "destination", "number")}
