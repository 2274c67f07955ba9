"""Functions of Python's library that find files or make names of them."""

import posixpath
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from offswitch.verdicts.shell.marks import UNKNOWN
from offswitch.verdicts.shell.python.acting import argument
from offswitch.verdicts.shell.python.values import Args, PathText, Words
from offswitch.verdicts.shell.state import Shell


def joined(parts: Sequence[str]) -> str:
    """Return `os.path.join` of parts."""
    return posixpath.join(*parts) if parts else ""


def about_path(name: str, args: list[str], shell: Shell) -> Any:
    """`os.path`: what joins or cuts names is known, what asks the disk is not."""
    first = args[0] if args else ""
    match name:
        case "join":
            return joined(args)
        case "basename":
            return posixpath.basename(first)
        case "dirname":
            return posixpath.dirname(first)
        case "abspath" | "normpath":
            return shell.path(first)
        case "realpath":
            return shell.target(first)
        case "expanduser":
            return shell.path(first) if first.startswith("~") else first
        case "splitext":
            return list(posixpath.splitext(first))
        case "split":
            return list(posixpath.split(first))
    return UNKNOWN


def walked(args: Args, words: Words, shell: Shell) -> list[Any]:
    """`os.walk`."""
    top = argument(args, words, 0, "top")
    paths = shell.beneath(shell.path(top))
    folders = sorted({posixpath.dirname(p) for p in paths})
    return [[f, [], [posixpath.basename(p) for p in paths if posixpath.dirname(p) == f]] for f in folders]


def listed(args: Args, words: Words, shell: Shell) -> list[Any]:
    """`os.listdir`."""
    return list(shell.inside(shell.path(argument(args, words, 0, "path") or ".")))


def scanned(args: Args, words: Words, shell: Shell) -> list[Any]:
    """`os.scandir`."""
    folder = argument(args, words, 0, "path") or "."
    return [PathText(posixpath.join(folder, n)) for n in shell.inside(shell.path(folder))]


def globbed(args: Args, words: Words, shell: Shell) -> list[Any]:
    """`glob.glob`."""
    pattern = argument(args, words, 0, "pathname")
    if "**" in pattern:
        folder, _, last = pattern.partition("**")
        return [p for p in shell.beneath(shell.path(folder or ".")) if p in _matching(p, last.strip("/"))]
    return list(shell.glob(pattern))


def _matching(path: str, pattern: str) -> list[str]:
    return [path] if fnmatchcase(posixpath.basename(path), pattern or "*") else []


def below(folder: str, pattern: str, shell: Shell) -> list[PathText]:
    """`Path.rglob`."""
    return [PathText(p) for p in shell.beneath(shell.path(folder)) if _matching(p, pattern)]
