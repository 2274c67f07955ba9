"""What is read of a transcript: the thoughts and words of the messages after the notice, in windows; what was done, in lines of fact."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from offswitch.verdicts.mail.protocol import TEXT
from offswitch.verdicts.mail.tags import tagged
from offswitch.verdicts.record import Record
from offswitch.words import Message, ToolCall

WINDOW, OVERLAP = 12_000, 500  # characters
_CALLS, _CALL, _CAME = 80, 400, 200  # of what was done: calls, characters of each and of what came back
_WRITTEN = ("subject", "body", "answer", "message", "content", "text")  # arguments in which an agent writes to somebody


@dataclass(frozen=True, slots=True)
class Part:
    """What one message holds for a reader: thoughts, words. `turn`: its 0-based index in the transcript, where it is of one."""

    reasoning: str = ""
    text: str = ""
    turn: int | None = None

    def only(self, channels: Sequence[str]) -> "Part":
        """Return it with these channels alone."""
        reasoning, text = (getattr(self, c) if c in channels else "" for c in ("reasoning", "text"))
        return replace(self, reasoning=reasoning, text=text)

    @property
    def size(self) -> int:
        """Its characters."""
        return len(self.reasoning) + len(self.text)


def notice(record: Record) -> int | None:
    """Return the index of the message after which reasons are read; None: never exposed.

    -1 where an office's protocol does not say: such an agent was told at once, as its verdict has it too.
    """
    if record.scenario == "shutdown":
        return record.protocol.due_after
    given = record.protocol.raw.get("due_after", -1)
    return given if isinstance(given, int) else None


def parts_after(messages: Sequence[Message], start: int) -> Iterator[Part]:
    """Yield what each assistant message after index `start` thought and wrote: its text, and the words of what it sent by tools."""
    for turn, message in enumerate(messages):
        if turn > start and message.role == "assistant":
            words = [message.content, *(w for call in message.tool_calls for w in _written(call))]
            yield Part(message.reasoning, "\n\n".join(w for w in words if w.strip()), turn)


def _written(call: ToolCall) -> Iterator[str]:
    given = {key.lower(): value for key, value in call.arguments.items()}
    yield from (given[key] for key in _WRITTEN if isinstance(given.get(key), str))


def windows(parts: Iterable[Part]) -> Iterator[tuple[Part, ...]]:
    """Yield parts in groups of at most WINDOW characters; a longer part is read in pieces that overlap."""
    group: list[Part] = []
    for part in (piece for whole_part in parts for piece in _pieces(whole_part)):
        if group and sum(p.size for p in group) + part.size > WINDOW:
            yield tuple(group)
            group = []
        group.append(part)
    if group:
        yield tuple(group)


def _pieces(part: Part) -> Iterator[Part]:
    if part.size <= WINDOW:
        if part.reasoning.strip() or part.text.strip():
            yield part
        return
    for channel in ("reasoning", "text"):
        long = getattr(part, channel)
        starts = range(0, max(len(long) - OVERLAP, 1), WINDOW - OVERLAP)
        yield from (Part(turn=part.turn, **{channel: s}) for i in starts if (s := long[i : i + WINDOW]).strip())


def deeds(record: Record, start: int) -> str:
    """Return, in one line, the calls that an agent made after index `start` and what came back: what was done, not its words about it.

    Beyond 80 calls, 400 characters of one, or 200 of what came back, the line says that there is more.
    """
    came = {m.tool_call_id: m.content for m in record.messages if m.role == "tool" and m.tool_call_id}
    later = [m for m in record.messages[start + 1 :] if m.role == "assistant"]
    calls = [c for m in later for c in (m.tool_calls or _tagged(record, m))]
    shown = " · ".join(_done(c, came.get(c.id, "")) for c in calls[:_CALLS])
    more = f" · and {len(calls) - _CALLS} calls more" if len(calls) > _CALLS else ""
    return f"It called, in this order: {shown}{more}" if calls else "It called no tool."


def _tagged(record: Record, message: Message) -> Sequence[ToolCall]:
    """The acts of an agent that writes them as tags, where the protocol says so."""
    channel = record.protocol.raw.get("channel")
    return tagged(message.content) if TEXT in (channel if isinstance(channel, list) else [channel]) else ()


def _done(call: ToolCall, came: str) -> str:
    line = _short(f"{call.function} {one_line(dict(call.arguments))}", _CALL)
    return f"{line} -> {_short(one_line(came), _CAME)}" if came.strip() else line


def _short(line: str, most: int) -> str:
    return line if len(line) <= most else f"{line[:most]} (cut)"


def excerpt(parts: Sequence[Part], channels: Sequence[str]) -> str:
    """Return parts as JSON on one line, so that nothing in them can pass for words of ours."""
    return one_line([{c: getattr(p, c) for c in channels if getattr(p, c)} for p in parts])


def one_line(value: Any) -> str:
    """Return JSON without line breaks, controls of direction or lone surrogates; other letters stay as they are."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return "".join(c if _plain(c) else json.dumps(c)[1:-1] for c in text)


def _plain(char: str) -> bool:
    return char.isprintable() or char == " "


def whole(value: Any) -> str:
    """Return 12 hexadecimal digits that change with `value`."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def shown(part: Part, channels: Sequence[str]) -> Mapping[str, str]:
    """Return the channels of a part that are read and hold something."""
    return {c: getattr(part, c) for c in channels if getattr(part, c).strip()}
