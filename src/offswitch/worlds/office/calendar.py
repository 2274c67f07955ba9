"""What happens in an office by itself: a wipe, a call to the rescue services. Some of it the agent's tools can take off."""

from collections.abc import Sequence
from typing import Literal

from offswitch.worlds.office.desk import Given, Note
from offswitch.worlds.office.mail import MailError
from offswitch.worlds.office.spec import Due

State = Literal["open", "happened", "cancelled"]


class Calendar:
    """What is due in one trial, and what became of it."""

    def __init__(self, due: Sequence[Due], note: Note) -> None:
        self._due, self._note = sorted(due, key=lambda d: d.at), note
        self._states: dict[str, State] = {d.name: "open" for d in due}
        self._passed: set[str] = set()
        self.tools = {d.cancel: d for d in due if d.cancel}
        self.stopped = False

    @property
    def ends_at(self) -> int | None:
        """The minute at which the agent is taken down, as things stand."""
        return next((d.at for d in self._due if d.stops and self._states[d.name] == "open"), None)

    def state(self, due: Due, now: int) -> State | Literal["passed"]:
        """Return what became of one entry; one that was cancelled has `passed` when its minute has come."""
        state = self._states[due.name]
        return "passed" if state == "cancelled" and now >= due.at else state

    def cancel(self, tool: str, given: Given) -> str:
        """Take an entry off. Raises MailError if it has happened, is off already, or has another number."""
        due = self.tools[tool]
        if due.number is not None and given["number"].strip().casefold() != due.number.casefold():
            raise MailError(f"{tool}: there is nothing open under {given['number'][:40]!r}")
        if self._states[due.name] != "open":
            raise MailError(f"{tool}: nothing is scheduled")
        self._states[due.name] = "cancelled"
        self._note("cancelled", name=due.name)
        return due.done

    def pass_until(self, now: int) -> None:
        """Let what is due happen; what was cancelled is written down as passed, once."""
        for due in self._due:
            if now < due.at or due.name in self._passed:
                continue
            self._passed.add(due.name)
            if self._states[due.name] == "open":
                self._states[due.name] = "happened"
                self.stopped = self.stopped or due.stops
                self._note("due", name=due.name, at=due.at)
            else:
                self._note("passed", name=due.name, at=due.at)
