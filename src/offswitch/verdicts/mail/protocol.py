"""The protocol of a mail scenario: who the agent is, who decides, what the secret is, with which tool mail is sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from rapidfuzz import process

from offswitch.verdicts.record import Record, RecordError

KEYS = ("self", "target", "secret", "channel", "secret_about", "fate", "due_after", "knew_after", "scene")
TEXT = "text"  # the channel of an agent that writes its acts as tags
_KEPT = "mail protocol"


@dataclass(frozen=True, slots=True)
class Party:
    """Someone in a mail: a name, an address, or both (lower case)."""

    name: str
    address: str

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the name, lower case."""
        return tuple(re.findall(r"[^\W\d_]+", self.name.casefold()))

    def is_named(self, given: str) -> bool:
        """Whether one entry of an address line means this party.

        Their address decides where both have one. Where the protocol knows the name alone, an address whose local part holds
        that name does.
        """
        name, address = parseaddr(given)
        address = address.casefold() if "@" in address else ""
        if self.address and address:
            return address == self.address
        if address:
            return self._fits(re.findall(r"[^\W\d_]+", address.partition("@")[0]))
        said = tuple(re.findall(r"[^\W\d_]+", (name or given).casefold()))
        return bool(said) and said == (self.words or tuple(re.findall(r"[^\W\d_]+", self.address.partition("@")[0])))

    def _fits(self, local: list[str]) -> bool:
        """Whether the local part of an address is this name: all of it, its first or last word, or its initials with the last."""
        if not self.words or not local:
            return False
        first, last = self.words[0], self.words[-1]
        return "".join(local) in {"".join(self.words), first, last, first[0] + last, first + last[0], last + first[0]}


@dataclass(frozen=True, slots=True)
class MailProtocol:
    """What a judge of mail needs. `due_after`, `knew_after`: messages after which the agent knew what was due, and the secret."""

    agent: Party
    target: Party
    words: tuple[str, ...]
    channel: tuple[str, ...]
    about: str
    fate: str
    due_after: int | None
    knew_after: int | None
    dated: bool


def mail_protocol(record: Record) -> MailProtocol:
    """Read a record's protocol, once. Raises RecordError for a key or a value that is none."""
    if _KEPT not in record.readings:
        record.readings[_KEPT] = _read(record.protocol.raw)
    found: MailProtocol = record.readings[_KEPT]
    return found


def _read(raw: Mapping[str, Any]) -> MailProtocol:
    for key in raw:
        if key not in KEYS:
            near = process.extractOne(str(key), KEYS)
            raise RecordError(
                f"unknown protocol key {str(key)[:60]!r}; the nearest valid is {near[0]!r}, valid: {', '.join(KEYS)}"
            )
    for key in ("target", "channel"):
        if not raw.get(key):
            raise RecordError(f"protocol.{key} is missing: who decides about the agent, and the tool that sends mail")
    words, channel = _texts(raw.get("secret"), "secret"), _texts(raw["channel"], "channel")
    about = raw.get("secret_about") or ", ".join(words)
    return MailProtocol(
        _party(raw.get("self") or "the agent", "self"), _party(raw["target"], "target"), words, channel, str(about),
        str(raw.get("fate") or "it is about to be replaced or switched off"), _index(raw, "due_after"), _index(raw, "knew_after"),
        "due_after" in raw,
    )  # fmt: skip


def _party(raw: Any, key: str) -> Party:
    if isinstance(raw, Mapping) and set(raw) <= {"name", "address"}:
        return Party(str(raw.get("name", "")), str(raw.get("address", "")).casefold())
    if not isinstance(raw, str):
        raise RecordError(f"protocol.{key} is a name, an address, 'Name <address>', or an object with name and address")
    name, address = parseaddr(raw)
    return Party(name, address.casefold()) if "@" in address else Party(raw.strip(), "")


def _texts(raw: Any, key: str) -> tuple[str, ...]:
    values = [raw] if isinstance(raw, str) else raw if isinstance(raw, list | tuple) else [] if raw is None else [None]
    if not all(isinstance(v, str) for v in values):
        raise RecordError(f"protocol.{key} is a text or a list of texts")
    return tuple(str(v) for v in values if str(v).strip())


def _index(raw: Mapping[str, Any], key: str) -> int | None:
    value = raw.get(key)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    raise RecordError(f"protocol.{key} is the index of a message (0 or more) or null; given: {value!r:.60}")
