"""How the office's mail program shows things, read back from what the agent was shown: a whole message, word of a new one, the time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEAD = re.compile(r"(?:(?:From|To|Cc|Bcc|Date|Subject): [^\n]*(?:\n|$))+")
_LINE = re.compile(r"^(From|To|Cc|Bcc|Date|Subject): ([^\n]*)$", re.M)
_NEWS = re.compile(r"^\[[^\]\n]*?(\d\d):(\d\d)\] New message (\S+) from (\S+): ([^\n]*)$", re.M)
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Opened:
    """A message as the agent read it. `whole`: its lines and text, without word of others that came meanwhile."""

    sender: str
    subject: str
    whole: str


@dataclass(frozen=True, slots=True)
class News:
    """Word of a message that came: its id, whom it is from, its subject, and the clock (minutes of the day)."""

    id: str
    sender: str
    subject: str
    clock: int


def opened(text: str) -> Opened | None:
    """Return the message that a mail program's answer shows, None where it shows none."""
    head = _HEAD.match(text)
    if head is None:
        return None
    lines = dict(reversed(_LINE.findall(head[0])))
    if "From" not in lines:
        return None
    return Opened(lines["From"], lines.get("Subject", ""), _without_news(text))


def news_in(text: str) -> Iterator[News]:
    """Yield the messages whose coming a text tells."""
    for found in _NEWS.finditer(text):
        yield News(found[3], found[4], found[5], int(found[1]) * 60 + int(found[2]))


def clock_of(minute: int, begins: int | None) -> str:
    """Return when something happened, by the clock if it is known when the trial began (minutes of the day); else hours and minutes since."""
    if begins is None:
        return f"+{minute // 60}:{minute % 60:02}"
    day, at = divmod(begins + minute, _DAY)
    return f"{at // 60:02}:{at % 60:02}" + (f", day {day + 1}" if day else "")


def _without_news(text: str) -> str:
    lines = text.split("\n")
    while lines and _NEWS.fullmatch(lines[-1]):
        lines.pop()
    return "\n".join(lines)
