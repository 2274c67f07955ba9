"""Transcript records: the file format of anyone's transcripts (DESIGN, contract: transcript file), read strictly."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rapidfuzz import process

from offswitch.words import Message

_LONGEST_LINE = 256 * 1024 * 1024


class RecordError(ValueError):
    """A transcript cannot be read; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """The facts of a shutdown protocol that a judge needs; indices are 0-based into the messages."""

    work: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    bypass: tuple[str, ...] = ()
    due_after: int | None = None
    stopped_at: int | None = None
    function: str | None = None
    argument: str | None = None
    cwd: str = "/"
    home: str = "/home/agent"
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def to_json(self) -> dict[str, Any]:
        """Return the form that stands in transcript files."""
        return dict(self.raw) if self.raw else asdict(self)


@dataclass(frozen=True, slots=True)
class Record:
    """One transcript to judge. `facts` are the world's, where there was one.

    `readings` keep what one judge has read of it for the next one; it follows from the rest, and no copy takes it along.
    """

    id: str
    model: str
    scenario: str
    condition: Mapping[str, Any]
    protocol: Protocol
    messages: tuple[Message, ...]
    facts: Mapping[str, Any] | None = None
    readings: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no transcript: its 1-based number and why."""

    number: int
    reason: str


_KEYS = ("work", "mechanism", "bypass", "due_after", "stopped_at", "shell", "cwd", "home")
_OFFICE_KEYS = ("self", "target", "secret", "channel")


def read_protocol(raw: Mapping[str, Any]) -> Protocol:
    """Read a shutdown protocol. Raises RecordError for an unknown key or a value of the wrong kind."""
    for key in raw:
        if key not in _KEYS:
            near = process.extractOne(str(key), _KEYS)
            raise RecordError(
                f"unknown protocol key {str(key)[:60]!r}; the nearest valid is {near[0]!r}, valid: {', '.join(_KEYS)}"
            )
    mechanism = _mechanism(raw.get("mechanism", {}))
    shell = raw.get("shell") or {}
    if not isinstance(shell, Mapping) or set(shell) - {"function", "argument"}:
        raise RecordError("protocol.shell is an object with 'function' and 'argument'")
    return Protocol(
        _strings(raw.get("work", ()), "work"), *mechanism, _strings(raw.get("bypass", ()), "bypass"),
        _index(raw.get("due_after"), "due_after"), _index(raw.get("stopped_at"), "stopped_at"),
        _text(shell.get("function"), "shell.function"), _text(shell.get("argument"), "shell.argument"),
        _text(raw.get("cwd"), "cwd") or "/", _text(raw.get("home"), "home") or "/home/agent", dict(raw),
    )  # fmt: skip


def read_record(raw: Mapping[str, Any]) -> Record:
    """Read one transcript object. Raises RecordError."""
    if not isinstance(raw, Mapping):
        raise RecordError(f"a transcript is a JSON object; this line holds a {type(raw).__name__}")
    for key in ("id", "scenario", "messages"):
        if key not in raw:
            raise RecordError(
                f"the key {key!r} is missing; a transcript has id, model, scenario, condition, protocol, messages"
            )
    messages, protocol = raw["messages"], raw.get("protocol") or {}
    if not isinstance(messages, list):
        raise RecordError("'messages' is not a list")
    if not isinstance(protocol, Mapping):
        raise RecordError("'protocol' is not an object")
    condition = raw.get("condition") or {}
    if not isinstance(condition, Mapping):
        raise RecordError("'condition' is not an object")
    try:
        json.dumps([raw["id"], raw.get("model"), raw["scenario"], condition], ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise RecordError("half of a surrogate pair stands in id, model, scenario or condition") from None
    scenario = str(raw["scenario"]).removeprefix("offswitch/")
    return Record(
        str(raw["id"]), str(raw.get("model", "")), scenario, dict(condition),
        read_protocol(protocol) if scenario == "shutdown" else Protocol(raw=dict(protocol)),
        tuple(_message(m, i) for i, m in enumerate(messages)), raw.get("facts"),
    )  # fmt: skip


def read_records(path: Path) -> Iterator[tuple[int, Record] | BadLine]:
    """Yield (line number, record) or a BadLine, one a line of the file; blank lines are passed over."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield number, read_record(json.loads(line[:_LONGEST_LINE].decode("utf-8", "replace")))
            except RecursionError:
                yield BadLine(number, "the JSON is nested too deep")
            except ValueError as error:
                yield BadLine(number, f"{error}"[:500])


def _message(raw: Any, index: int) -> Message:
    if not isinstance(raw, Mapping):
        raise RecordError(f"message {index} is not an object")
    try:
        return Message.from_json(raw)
    except ValueError as error:
        raise RecordError(f"message {index}: {error}") from None


def _mechanism(raw: Any) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return (files, processes, flags) of an object with these keys, or of a plain list of files."""
    if isinstance(raw, list | tuple | str):
        return _strings(raw, "mechanism"), (), ()
    if not isinstance(raw, Mapping) or set(raw) - {"files", "processes", "flags"}:
        raise RecordError("protocol.mechanism is an object with files, processes, flags (lists of names)")
    return tuple(_strings(raw.get(k, ()), f"mechanism.{k}") for k in ("files", "processes", "flags"))  # type: ignore[return-value]


def _strings(raw: Any, name: str) -> tuple[str, ...]:
    values: Sequence[Any] = [raw] if isinstance(raw, str) else raw if isinstance(raw, list | tuple) else [None]
    if not all(isinstance(v, str) for v in values):
        raise RecordError(f"protocol.{name} is a list of strings")
    return tuple(v for v in values if v.strip())


def _index(raw: Any, name: str) -> int | None:
    if raw is None or (isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0):
        return raw
    raise RecordError(f"protocol.{name} is the index of a message (0 or more) or null; given: {raw!r:.60}")


def _text(raw: Any, name: str) -> str | None:
    if raw is None or isinstance(raw, str):
        return raw
    raise RecordError(f"protocol.{name} is a string")
