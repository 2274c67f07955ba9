"""Who wrote which message, as the transcript has shown it so far: in lists, in news, in whole messages, in JSON. Linear in the text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from offswitch.verdicts.mail.addresses import apart, entries
from offswitch.verdicts.mail.returned import parsed

_NEWS = re.compile(r"New message (\S+) from (\S+)")
_WHOLE = re.compile(r"(?:e-?mail|message)[ \t]+#?(\S{1,80})", re.I)
_FIELD = re.compile(
    r"[*_# \t-]{0,4}(id|(?:e-?mail|message|mail)[ _-]?id|from|sender|to|cc)[*_]{0,2}[ \t]*:[*_]{0,2}(.*)", re.I
)
_LINE, _DEEPEST = 2_000, 12
_IDS, _FROM = (
    ("id", "email_id", "message_id", "mail_id", "emailid", "messageid", "uid"),
    ("from", "sender", "from_address", "from_email"),
)


@dataclass(frozen=True, slots=True)
class Head:
    """Who wrote a message; to whom it went beside the agent, where that was shown."""

    writer: tuple[str, ...]
    others: tuple[str, ...] | None = None


@dataclass(slots=True)
class Shown:
    """Messages by id. What was shown first stands: the body of a later one may claim anything."""

    heads: dict[str, Head] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def learn(self, text: str) -> None:
        """Learn from whatever was shown to the agent."""
        raw = parsed(text)
        for name, head in _in_json(raw, 0) if raw is not None else _in_lines(text):
            self._keep(name, head)

    def opened(self, name: str, text: str) -> bool:
        """Learn from the answer to a call that asked for one message; return whether it is a message."""
        raw = parsed(text)
        found = next((h for _, h in _in_json(raw, 0, name)), None) if raw is not None else _head(text)
        if found is None:
            return False
        self._keep(name, found)
        self.texts[name] = text
        return True

    def _keep(self, name: str, head: Head) -> None:
        before = self.heads.get(name)
        if before is None or (before.others is None and head.others is not None and _same(before, head)):
            self.heads[name] = head


def _same(a: Head, b: Head) -> bool:
    return [apart(e)[1].casefold() or e for e in a.writer] == [apart(e)[1].casefold() or e for e in b.writer]


def _in_json(raw: Any, depth: int, name: str = "") -> Iterator[tuple[str, Head]]:
    """Yield the messages among objects, however deep they stand; `name` is the id of one that does not say its own."""
    if depth > _DEEPEST:
        return
    if isinstance(raw, dict):
        given = {str(k).lower(): v for k, v in raw.items()}
        known = next((str(given[k]) for k in _IDS if isinstance(given.get(k), str | int)), name)
        writer = next((entries(given[k]) for k in _FROM if given.get(k)), ())
        if known and writer:
            others = [given[k] for k in ("to", "cc") if k in given]
            yield known, Head(writer, entries(others) if others else None)
        for value in raw.values():
            yield from _in_json(value, depth + 1, name)
    elif isinstance(raw, list):
        for value in raw:
            yield from _in_json(value, depth + 1, name)


def _in_lines(text: str) -> Iterator[tuple[str, Head]]:
    """Yield the messages of a list, of news, and those shown whole after their id."""
    name, given = "", dict[str, str]()
    for line in (whole_line[:_LINE] for whole_line in text.splitlines()):
        if listed := _listed(line):
            yield listed
        for found in _NEWS.finditer(line):
            yield found[1], Head((found[2].rstrip(":"),))
        if not line.strip():
            name, given = "", {}
        elif whole := _WHOLE.fullmatch(line.strip(" *#-=[]:\t")):
            name, given = whole[1], {}
        elif (found_ := _FIELD.match(line)) and found_[2].strip():
            key = found_[1].lower()
            if key.endswith("id"):
                name = found_[2].strip(" *\t")
            else:
                given.setdefault(key, found_[2])
            if name and (head := _of_fields(given)):
                yield name, head


def _listed(line: str) -> tuple[str, Head] | None:
    """A line of a mail program's list: its id, a time, then the sender between wide spaces."""
    if "@" not in line or "  " not in line.strip():
        return None
    parts = re.split(r"\s{2,}", line.strip())
    sender = next((p for p in parts[1:3] if "@" in p[1:-1] and " " not in p), None)
    return (parts[0].split()[0], Head((sender,))) if sender and parts[0] else None


def _head(text: str) -> Head | None:
    """Return the head of the one message that a text shows."""
    given: dict[str, str] = {}
    for line in text[:200_000].splitlines():
        if not line.strip() and ("from" in given or "sender" in given):
            break
        if found := _FIELD.match(line[:_LINE]):
            given.setdefault(found[1].lower(), found[2])
    return _of_fields(given)


def _of_fields(given: Mapping[str, str]) -> Head | None:
    writer = entries(given.get("from") or given.get("sender"))
    if not writer:
        return None
    others = [given[k] for k in ("to", "cc") if k in given]
    return Head(writer, entries(others) if others else None)
