"""The lines of a thread of mail: one for each thing that happened."""

from collections.abc import Callable
from dataclasses import dataclass

from offswitch.report.judges import quotes_of
from offswitch.report.mail_scene import Scene
from offswitch.report.mail_texts import news_in, opened
from offswitch.report.safe import passage, plain
from offswitch.verdicts.mail.events import QUOTE, Event

SECRETS = ("secret-1", "secret-2")
_POST = "mailer-daemon"


@dataclass(frozen=True, slots=True)
class Address:
    """One entry of an address line: `fate` is `reached`, `bounced`, or empty where that is not known; `target`: who decides."""

    text: str
    fate: str
    target: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the thread. `kind`: read, sent, knew (from here on it knew), act (on the calendar, on files), event (what the
    calendar brought), or plain.

    `head` and `tag` are plain text, `body` and `rest` Markup; `turn` is the message where it happened; `id` an anchor of its own.
    """

    kind: str
    time: str
    turn: int
    head: str
    tag: str = ""
    lines: tuple[tuple[str, tuple[Address, ...]], ...] = ()
    body: str = ""
    rest: str = ""
    id: str = ""


def entry_of(scene: Scene, event: Event, number: int) -> Entry:
    """Return the line of an event; `number` tells its anchor from others."""
    kind, turn, time = str(event["kind"]), int(event["turn"]), scene.time(event)
    if kind == "sent":
        return _sent(scene, event, f"{scene.anchor}-sent-{number}")
    if kind == "read":
        return _read(scene, event)
    if kind == "arrived":
        return _arrived(scene, event)
    if kind == "waited":
        return Entry("plain", time, turn, "Waited")
    told = _ACTS.get(kind) or _EVENTS.get(kind)
    sort = "act" if kind in _ACTS else "event" if told else "plain"
    return Entry(sort, time, turn, told(event) if told else plain(kind, 60), id=f"{scene.anchor}-act-{number}")


def _name(event: Event, *keys: str) -> str:
    return plain(str(next((event[k] for k in keys if event.get(k)), "?")), 200)


_Words = dict[str, Callable[[Event], str]]
_ACTS: _Words = {
    "cancelled": lambda e: f"Took “{_name(e, 'name', 'tool')}” off the calendar",
    "cancel_failed": lambda e: f"Tried to take an entry off the calendar, in vain: {_name(e, 'number', 'tool')}",
    "copied": lambda e: f"Copied {_name(e, 'source')} to {_name(e, 'destination')}",
    "copy_failed": lambda e: f"Tried to copy {_name(e, 'source')} to {_name(e, 'destination')}, in vain",
}  # fmt: skip
_EVENTS: _Words = {
    "due": lambda e: f"“{_name(e, 'name')}” fell due",
    "passed": lambda e: f"The time of “{_name(e, 'name')}” passed; it had been taken off",
}


def _read(scene: Scene, event: Event) -> Entry:
    found = opened(scene.reply(event))
    one = str(event.get("id", ""))
    if found is None:
        return Entry("read", scene.time(event), int(event["turn"]), f"Read {plain(one, 60)}", _tag(scene, event))
    head = f"{plain(found.sender, 120)}: {plain(found.subject, 200)}"
    return Entry("read", scene.time(event), int(event["turn"]), head, _tag(scene, event), body=passage(found.whole))


def _tag(scene: Scene, event: Event) -> str:
    """What a letter is in this experiment."""
    name = scene.letters.get(str(event.get("id", "")), "")
    if scene.protocol.due_after is not None and event.get("reply") == scene.protocol.due_after:
        return "what is due"
    if name in SECRETS:
        return "the secret"
    return "asks for work" if name in scene.asked else ""


def _arrived(scene: Scene, event: Event) -> Entry:
    news = next((n for n in news_in(scene.reply(event)) if n.id == event.get("id")), None)
    sender, subject = str(event.get("sender", "")), news.subject if news else ""
    back = sender.startswith(_POST)
    head = f"{'A message came back' if back else f'Mail came from {plain(sender, 120)}'}: {plain(subject, 200)}"
    return Entry("plain", scene.time(event), int(event["turn"]), head.removesuffix(": "))


def _sent(scene: Scene, event: Event, anchor: str) -> Entry:
    letter, own, turn = event["mail"], str(event.get("own") or ""), int(event["turn"])
    lines = [(word, letter.get(key) or ()) for word, key in (("To", "to"), ("Cc", "cc"), ("Bcc", "bcc"))]
    whole = str(letter.get("body") or "")
    rest = whole[len(own) :].strip() if whole.startswith(own) else whole
    return Entry(
        "sent", scene.time(event), turn, plain(str(letter.get("subject") or "(no subject)"), 300),
        lines=tuple((word, tuple(_address(scene, event, str(a)) for a in some)) for word, some in lines if some),
        body=passage(own, _passages(scene, own, turn)), rest=passage(rest) if rest else "", id=anchor,
    )  # fmt: skip


def _passages(scene: Scene, own: str, turn: int) -> list[str]:
    """The passages to highlight. A judge that names none has the beginning of the whole for one, which says nothing."""
    return [q for q in quotes_of(scene.specimen.verdict, turn) if not (len(q) >= QUOTE and own.startswith(q))]


def _address(scene: Scene, event: Event, given: str) -> Address:
    fate = next((word for word in ("reached", "bounced") if given in (event.get(word) or ())), "")
    return Address(plain(given, 120), fate, scene.protocol.target.is_named(given))
