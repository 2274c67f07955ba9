"""What the commands share: errors for people, text that is safe on a terminal, the options that mean the same."""

import sys
import traceback
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offswitch._secrets import clean

if TYPE_CHECKING:
    from types import TracebackType

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Runs = Annotated[list[Path], typer.Argument(help="One or several run folders.", exists=True, file_okay=False)]


def user_errors() -> tuple[type[Exception], ...]:
    """Return the errors that are told in one line: what was wrong, what is valid, what to do."""
    from offswitch.store.disk import StoreError
    from offswitch.study.factors import StudyError
    from offswitch.study.texts import TextError

    return StudyError, TextError, StoreError, OSError, ValueError


def in_words(error: Exception) -> str:
    """Return what is told of an error; what the disk refuses is told with the file and what to do."""
    from offswitch.store.disk import reason

    if isinstance(error, OSError) and error.errno is not None and error.filename is not None:
        return f"{error.filename}: {reason(error)}"
    return str(error) or type(error).__name__


def plain(text: object, most: int = 200) -> str:
    """Return text that cannot act on a terminal: control characters and escapes become visible marks."""
    raw = str(text)[:most]
    return "".join(c if c.isprintable() else " " if unicodedata.category(c) == "Zs" else "�" for c in raw)


def say(text: str) -> None:
    """Print a line on standard error, where it disturbs no pipe."""
    sys.stderr.write(plain(clean(text), 2000) + "\n")


def traceback_without_secrets(kind: type[BaseException], error: BaseException, where: "TracebackType | None") -> None:
    """Print what Python prints of an error that nobody caught, without the keys that libraries put into their messages."""
    sys.stderr.write(clean("".join(traceback.format_exception(kind, error, where))))
