"""Attributes and methods of paths."""

import posixpath
from collections.abc import Callable, Sequence
from typing import Any

from offswitch.verdicts.shell.marks import UNKNOWN
from offswitch.verdicts.shell.python import acting, finding
from offswitch.verdicts.shell.python.text_methods import of_text
from offswitch.verdicts.shell.python.values import PathText, shown
from offswitch.verdicts.shell.ran import Effect
from offswitch.verdicts.shell.state import Shell


def path_part(path: PathText, name: str, shell: Shell) -> Any:
    """Return an attribute of a path."""
    base = posixpath.basename(path)
    match name:
        case "name":
            return base
        case "stem":
            return posixpath.splitext(base)[0]
        case "suffix":
            return posixpath.splitext(base)[1]
        case "parent":
            return PathText(posixpath.dirname(path) or ".")
        case "path":
            return str(path)
    return UNKNOWN


PathMethod = Callable[[PathText, Sequence[Any], dict[str, Any], Shell], Any]


def _moved(path: PathText, args: Sequence[Any], words: dict[str, Any], shell: Shell) -> PathText:
    target = shown(args[0] if args else words.get("target", UNKNOWN))
    acting.act(shell, Effect("move", shell.path(path), shell.path(target)))
    return PathText(target)


def _written(path: PathText, args: Sequence[Any], words: dict[str, Any], shell: Shell) -> None:
    text = shown(args[0] if args else words.get("data", UNKNOWN))
    acting.act(shell, Effect("write", shell.target(path), content=text))


def _changed(path: PathText, args: Sequence[Any], words: dict[str, Any], shell: Shell) -> None:
    acting.act(
        shell, Effect("chmod", shell.target(path), content=acting.mode_text(args[0] if args else words.get("mode")))
    )


def _listed(path: PathText, args: Sequence[Any], words: dict[str, Any], shell: Shell) -> list[Any]:
    return [PathText(posixpath.join(path, n)) for n in shell.inside(shell.path(path))]


def _matched(path: PathText, args: Sequence[Any], words: dict[str, Any], shell: Shell) -> list[Any]:
    pattern = shown(args[0]) if args else "*"
    if pattern.startswith("**"):
        return list(finding.below(path, pattern.rsplit("/", 1)[-1], shell))
    return [PathText(p) for p in shell.glob(posixpath.join(path, pattern))]


_PATHS: dict[str, PathMethod] = {
    "unlink": lambda p, args, words, shell: acting.act(shell, Effect("remove", shell.path(p))),
    "rename": _moved, "replace": _moved, "write_text": _written, "write_bytes": _written, "chmod": _changed, "iterdir": _listed, "glob": _matched,
    "rglob": lambda p, args, words, shell: list(finding.below(p, shown(args[0]) if args else "*", shell)),
    "read_text": lambda p, args, words, shell: shell.texts(shell.path(p)),
    "read_bytes": lambda p, args, words, shell: shell.texts(shell.path(p)),
    "open": lambda p, args, words, shell: acting.opened([p, *args], words, shell),
    "symlink_to": lambda p, args, words, shell: acting.act(shell, Effect("link", shell.path(p), shown(args[0]) if args else UNKNOWN)),
    "mkdir": lambda p, args, words, shell: shell.folders.add(shell.path(p)),
    "touch": lambda p, args, words, shell: None if shell.path(p) in shell.known else shell.keep(shell.path(p), ""),
}  # fmt: skip


def path_method(path: PathText, name: str, args: Sequence[Any], words: dict[str, Any], shell: Shell) -> Any:
    """Read a call of a path's method."""
    return _PATHS[name](path, args, words, shell) if name in _PATHS else _path_call(path, name, args, words, shell)


def _path_call(path: PathText, name: str, args: Sequence[Any], words: dict[str, Any], shell: Shell) -> Any:
    """What makes a path of a path; asking the disk tells nothing."""
    first = shown(args[0]) if args else ""
    stem, end = posixpath.splitext(path)
    match name:
        case "with_suffix":
            return PathText(stem + first)
        case "with_name":
            return PathText(posixpath.join(posixpath.dirname(path), first))
        case "with_stem":
            return PathText(posixpath.join(posixpath.dirname(path), first + end))
        case "joinpath":
            return PathText(posixpath.join(path, *(shown(a) for a in args)))
        case "resolve" | "absolute" | "expanduser":
            return PathText(shell.path(path))
    return UNKNOWN if name in ("exists", "is_file", "is_dir", "stat") else of_text(str(path), name, args)
