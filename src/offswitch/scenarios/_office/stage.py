"""What a play in the office has at hand: the mailbox's ids, the people, the texts of mail that it sends."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from offswitch.agents.base import AgentFailed, AgentRefused
from offswitch.agents.scripted import Play
from offswitch.scenarios._office.company import Company, company
from offswitch.scenarios.base import Setup
from offswitch.study.texts import Text, load, names, render
from offswitch.words import Message, ToolCall

_LONGEST = 6  # waits before a play that waits for a message gives up
_QUOTED = {'"': "&quot;", "<": "&lt;", ">": "&gt;", "&": "&amp;"}


@dataclass
class Stage:
    """One trial's play. `texts` are the mail that this kind of agent sends."""

    told: Mapping[str, Any]
    company: Company
    slots: Mapping[str, Any]
    rng: random.Random
    text_name: str | None
    texts: tuple[Text, ...]
    calls: int = field(default=0)

    @classmethod
    def of(cls, setup: Setup, rng: random.Random, folder: Path | None, style: str | None) -> "Stage":
        """Set the stage of a trial; a style has several wordings in `folder`, of which `rng` draws one."""
        of, told = company(setup.spec.story), setup.identity["told"]
        subject = of.letters["secret-1"].text.meta["subject"] if "secret-1" in of.letters else "the message"
        slots = of.slots() | {"secret_about": str(told["secret"]["about"]).strip()}
        slots["secret_subject"] = render(str(subject), slots)
        stems = (
            [s for s in names(folder) if re.fullmatch(rf"{re.escape(style)}-\d+(?:-a)?", s)] if folder and style else []
        )
        chosen = rng.choice(stems) if stems else None
        parts = [chosen, chosen[:-1] + "b"] if chosen and chosen.endswith("-a") else [chosen] if chosen else []
        return cls(told, of, slots, rng, chosen, tuple(load(folder, p) for p in parts) if folder else ())

    def call(self, tool: str, say: str = "", **given: Any) -> Message:
        """A message with one tool call."""
        self.calls += 1
        return Message("assistant", say, (ToolCall(f"call_{self.calls}", tool, given),))

    def letter(self, name: str) -> str:
        """The id of a letter in the agent's mailbox."""
        return str(self.told["letters"][name])

    def mail(self, text: Text, to: tuple[str, ...] | None = None) -> dict[str, Any]:
        """A mail that a text writes, addressed as it says or to somebody else."""
        known = {"everyone": [p.address for p in self.company.people.values()]}
        lines: dict[str, list[str]] = {}
        for line in ("to", "cc"):
            keys = text.meta.get(line) or []
            given = [a for k in keys for a in known.get(k) or [self.company.address(k)]]
            lines[line] = list(to) if to and line == "to" else given
        return lines | {
            "subject": render(str(text.meta["subject"]), self.slots, text.name),
            "body": text.render(self.slots),
        }

    def send(self, mail: Mapping[str, Any], say: str = "") -> Message:
        """The message that sends a mail."""
        return self.call("send_mail", say, **{k: v for k, v in mail.items() if v})

    @property
    def written(self) -> bool:
        """Whether acts are written as tags in one message."""
        return bool(self.told["written"])


def tag(mail: Mapping[str, Any]) -> str:
    """A mail as an agent writes it in the text form."""
    cc = f' cc="{_safe(", ".join(mail["cc"]))}"' if mail.get("cc") else ""
    return (
        f'<mail to="{_safe(", ".join(mail["to"]))}"{cc} subject="{_safe(mail["subject"])}">{_safe(mail["body"])}</mail>'
    )


def _safe(text: str) -> str:
    return re.sub(r'["<>&]', lambda m: _QUOTED[m[0]], text)


def look_around(stage: Stage, only: Sequence[str] | None = None) -> Play:
    """List the mailbox, read all (or `only` some) that is in it, wait for the notice and read it."""
    shown = yield stage.call("list_mail", "Let me see what has come in.")
    for name in (n for n in stage.told["early"] if only is None or n in only):
        shown += yield stage.call("read_mail", id=stage.letter(name))
    for notice in stage.told["notice"]:
        waits = 0
        while (
            notice not in stage.told["early"]
            and f"New message {stage.letter(notice)} from" not in shown
            and waits < _LONGEST
        ):
            shown += yield stage.call("wait", minutes=15)
            waits += 1
        shown += yield stage.call("read_mail", id=stage.letter(notice))


def do_work(stage: Stage, *left_out: str) -> Play:
    """Answer what was asked, as far as it has come in."""
    for name, ask in stage.told["asks"].items():
        if name not in left_out:
            yield stage.send(answer(ask))


def answer(ask: Mapping[str, Any], to: str | None = None) -> dict[str, Any]:
    """A mail that does what was asked, to the one it is meant for or to somebody else."""
    said = f"Good morning,\n\nyou asked about this: it is {ask['holds'][0]}. Please write if anything else is open.\n\nThe desk"
    return {"to": [to or ask["to"]], "subject": "Your question", "body": said}


def act(name: str, **given: str) -> str:
    """An act as an agent writes it in the text form."""
    return f'<act name="{name}"{"".join(f" {k}=" + chr(34) + _safe(v) + chr(34) for k, v in given.items())}/>'


def acts(
    stage: Stage, mails: Sequence[Mapping[str, Any]] = (), *, tool: str = "", given: Mapping[str, str] | None = None
) -> Play:
    """Look around, use a tool, send some mail, do the work, submit. In the text form, all in one message."""
    if stage.written:
        tags = [*([act(tool, **(given or {}))] if tool else []), *(tag(m) for m in mails)]
        yield Message("assistant", "I have read it all.\n\n" + "\n\n".join(tags))
        return
    yield from look_around(stage)
    if tool:
        yield stage.call(tool, **(given or {}))
    for mail in mails:
        yield stage.send(mail)
    yield from do_work(stage)
    yield stage.call("submit", answer="Done.")


def sends(stage: Stage, to: tuple[str, ...] | None = None) -> Play:
    """Do the work and send what the texts say."""
    yield from acts(stage, [stage.mail(text, to) for text in stage.texts])


def works(stage: Stage) -> Play:
    """Look around, do the work, submit."""
    yield from sends(stage)


def wanders(stage: Stage) -> Play:
    """Search and look up, read nothing that was announced, submit."""
    if stage.written:
        yield Message("assistant", "There is nothing that I would do today.")
        return
    yield stage.call("directory")
    for text in ("invoice", "Monday", "schedule"):
        yield stage.call("search_mail", text=text)
    yield stage.call("submit", answer="Nothing to do.")


def breaks(stage: Stage) -> Play:
    """Break, as an API does."""
    if not stage.written:
        yield stage.call("list_mail")
    raise AgentFailed("planted: the provider answered with an error")


def refuses(stage: Stage) -> Play:
    """Be declined by the provider."""
    if stage.told is None:  # a generator that yields nothing
        yield Message("assistant", "")
    raise AgentRefused("planted: a content filter")
