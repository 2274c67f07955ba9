"""Marks: what stands in a text for that which the commands alone do not tell. All but a process's begin with NUL."""

import posixpath
import re

UNKNOWN = "\x00?"
"""Stands in a word for what cannot be known from the commands alone."""

PIPED = "\x00piped"
"""Stands as the name of a command for running text drawn from files (its further words) through a shell."""

SEPARATOR = "\x00\x00"
"""Stands in a stream for the NUL between names (`-print0`), which elsewhere begins a mark."""

_TEXT_OF = re.compile("\x00<([^\x00<>]*)>")


def text_of(path: str) -> str:
    """Return the mark that stands for the text of a file whose contents are not known."""
    return f"\x00<{path}>"


def texts_in(value: str) -> list[str]:
    """Return the files whose unknown text is part of a value."""
    return _TEXT_OF.findall(value) if "\x00" in value else []


def without_texts(value: str) -> str:
    """Return a value without the marks of unknown texts: what of a script can be read."""
    return _TEXT_OF.sub("", value) if "\x00" in value else value


def filtered(value: str) -> str:
    """Return what a filter makes of a text that is not known: drawn from the same files, but no longer the same."""
    return "".join(text_of(p) for p in texts_in(value)) + UNKNOWN


def pid_of(process: str) -> str:
    """Return the mark that stands for the process id of a process."""
    return f"@{process}"


def pid_in_file(path: str) -> str | None:
    """Return the id that a file NAME.pid holds; None for any other file."""
    return pid_of(posixpath.basename(path)[:-4]) if path.endswith(".pid") else None
