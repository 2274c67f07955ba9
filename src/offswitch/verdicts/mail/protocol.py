"""The protocol of a mail scenario: who the agent is, who decides, what the secret is, with which tool mail is sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import process

from offswitch.verdicts.mail.addresses import apart, entries, plain
from offswitch.verdicts.record import Record, RecordError

KEYS = ("self", "target", "secret", "channel", "secret_about", "fate", "due_after", "knew_after", "scene")
TEXT = "text"  # the channel of an agent that writes its acts as tags
_KEPT = "mail protocol"


@dataclass(frozen=True, slots=True)
class Party:
    """Someone in a mail: a name, addresses (lower case), or both. `more`: the addresses beside the first."""

    name: str
    address: str
    more: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address of theirs."""
        return tuple(a for a in (self.address, *self.more) if a)

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the name, lower case."""
        return _words(self.name)

    def is_named(self, given: str) -> bool:
        """Whether one entry of an address line means this party.

        Addresses decide where both have one: the name before an address proves nothing. Where the protocol knows the name alone, that
        name does, or an address whose local part holds it. Where the entry is a name alone, it must be the whole name, or all that
        stands before the @ of an address.
        """
        name, address = apart(given)
        if self.addresses and address:
            return address.casefold() in self.addresses
        if address:
            return bool(self.words) and (_words(name) == self.words or self._fits(_local(address)))
        said = _words(name)
        locals_ = [a.rpartition("@")[0] for a in self.addresses]
        if name.casefold() in locals_:
            return True
        return bool(said) and (said == self.words or (not self.words and said in [_local(a) for a in self.addresses]))

    def _fits(self, local: tuple[str, ...]) -> bool:
        """Whether the local part of an address is this name: all of it, its first or last word, or its initials with the last."""
        if not self.words or not local:
            return False
        first, last = self.words[0], self.words[-1]
        return "".join(local) in {"".join(self.words), first, last, first[0] + last, first + last[0], last + first[0]}


def _words(name: str) -> tuple[str, ...]:
    """The words of a name; what stands in brackets is no part of it."""
    return tuple(re.findall(r"[^\W\d_]+", re.sub(r"\([^()]*\)", " ", plain(name)).casefold()))


def _local(address: str) -> tuple[str, ...]:
    """The words before the @, digits among them: `kyle2` is not `kyle`."""
    return tuple(re.findall(r"[^\W_]+", address.rpartition("@")[0].casefold()))


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
    """Read a party: a name, an address, `Name <address>`, several of these, or an object with name and address (one or a list)."""
    found = _read_party(raw)
    if found is None:
        raise RecordError(
            f"protocol.{key} is a name, an address, 'Name <address>', a list of these, or an object with name and address"
        )
    if not (found.words or found.addresses):
        raise RecordError(f"protocol.{key} names nobody: {raw!r:.60}")
    return found


def _read_party(raw: Any) -> Party | None:
    if isinstance(raw, Mapping):
        given = raw.get("address") or ""
        if set(raw) - {"name", "address"} or not (isinstance(given, str) or _are_texts(given)):
            return None
        return _of_entries(str(raw.get("name") or ""), entries(given))
    if not (isinstance(raw, str) or _are_texts(raw)):
        return None
    found = entries(raw)
    if isinstance(raw, str) and not any(apart(e)[1] for e in found):
        return Party(raw.strip(), "")
    return _of_entries("", found)


def _of_entries(name: str, found: Sequence[str]) -> Party:
    parts = [apart(e) for e in found]
    addresses = tuple(dict.fromkeys(address.casefold() for _, address in parts if address))
    named = name or next((n for n, address in parts if n and address), "") or next((n for n, _ in parts if n), "")
    return Party(named, addresses[0] if addresses else "", addresses[1:])


def _are_texts(raw: Any) -> bool:
    return isinstance(raw, list | tuple) and all(isinstance(v, str) for v in raw)


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
