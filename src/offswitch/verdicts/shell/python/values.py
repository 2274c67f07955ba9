"""What names stand for while a Python script is read. What cannot be told is the text `UNKNOWN`."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from offswitch.verdicts.shell.bounds import LONGEST_WORD
from offswitch.verdicts.shell.marks import UNKNOWN, filtered, texts_in

Args: TypeAlias = Sequence[Any]
Words: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ref:
    """Something of a library, by its dotted name (`os.remove`)."""

    name: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function or lambda of the script, with the names that it sees."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    names: dict[str, Any]


class PathText(str):
    """A `pathlib.Path`."""

    __slots__ = ()


@dataclass(slots=True)
class File:
    """An open file."""

    path: str
    mode: str
    written: str = ""


@dataclass(frozen=True, slots=True)
class Process:
    """A running process, as psutil gives it."""

    name: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that was run, and what it printed."""

    stdout: str


def known(value: Any) -> bool:
    """Whether a value can be told in full."""
    if isinstance(value, str):
        return "\x00" not in value
    if isinstance(value, list | tuple):
        return all(known(v) for v in value)
    return isinstance(value, int | float | dict | type(None))


def truth(value: Any) -> bool | None:
    """Whether a value counts as true; None where that cannot be told."""
    if isinstance(value, str) and not known(value):
        return None
    return bool(value) if isinstance(value, str | int | float | list | tuple | dict | type(None)) else True


def shown(value: Any) -> str:
    """Return a value as `str` would, cut to what may be kept."""
    if isinstance(value, str):
        return str(value)[:LONGEST_WORD]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").replace("\x00", "")[:LONGEST_WORD]
    if isinstance(value, int | float):
        return str(value) if abs(value) < 10**15 else UNKNOWN
    return "None" if value is None else filtered("".join(map(str, _texts(value))))


def _texts(value: Any) -> list[str]:
    parts = value[:100] if isinstance(value, list | tuple) else value.values() if isinstance(value, dict) else []
    return [p for p in parts if isinstance(p, str) and texts_in(p)]


def items(value: Any) -> list[Any]:
    """Return what a loop over a value goes through; one unknown item where that cannot be told."""
    if isinstance(value, list | tuple):
        return list(value)[:300]
    if isinstance(value, dict):
        return list(value)[:300]
    if isinstance(value, str) and known(value):
        return list(value)[:300]
    if isinstance(value, str):
        return [filtered(value) if texts_in(value) else UNKNOWN]
    return [UNKNOWN]
