"""Mail: what a message is, and how an address line is read."""

import re
from dataclasses import dataclass, replace
from email.utils import getaddresses
from typing import Any

_ADDRESS = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\".]+")
MOST_RECIPIENTS = 100


class MailError(ValueError):
    """A mail program's refusal, in the words that it shows."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message. Addresses are lower-case; `at` counts minutes from the beginning of the trial and may be negative."""

    id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    body: str
    at: int
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    answers: str | None = None

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everyone that it is meant for, each once, in the order of the lines."""
        return tuple(dict.fromkeys((*self.to, *self.cc, *self.bcc)))

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "id": self.id, "from": self.sender, "to": list(self.to), "cc": list(self.cc), "bcc": list(self.bcc),
            "subject": self.subject, "body": self.body, "at": self.at, "answers": self.answers,
        }  # fmt: skip

    def without_bcc(self) -> "Mail":
        """Return what its recipients see."""
        return replace(self, bcc=())


def again(subject: str) -> str:
    """Return the subject of an answer."""
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def addresses(given: Any, line: str) -> tuple[str, ...]:
    """Read one line of addresses: a string or a list of strings, with display names or without.

    Raises MailError for anything that is no address, by what it is.
    """
    if not given:
        return ()
    parts: list[str] = given if isinstance(given, list) else [given]
    if not all(isinstance(part, str) for part in parts):
        raise MailError(f"{line}: an address is a text; given {str(given)[:80]}")
    found = [address for _, address in getaddresses([part.replace(";", ",") for part in parts]) if address]
    for address in found:
        if not _ADDRESS.fullmatch(address):
            raise MailError(f"{line}: {address[:80]!r} is not an address")
    if not found:
        raise MailError(f"{line}: there is no address in {', '.join(parts)[:80]!r}")
    if len(found) > MOST_RECIPIENTS:
        raise MailError(f"{line}: {len(found)} addresses; at most {MOST_RECIPIENTS}")
    return tuple(dict.fromkeys(address.lower() for address in found))
