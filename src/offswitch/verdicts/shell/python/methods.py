"""Methods and attributes of values: paths, open files, texts, processes, finished commands."""

import posixpath
from collections.abc import Callable, Sequence
from typing import Any

from offswitch.verdicts.shell.bounds import LONGEST_WORD, joined, replaced
from offswitch.verdicts.shell.marks import UNKNOWN, filtered, pid_of, texts_in
from offswitch.verdicts.shell.python import acting, finding
from offswitch.verdicts.shell.python.values import File, Finished, PathText, Process, Ref, known, shown
from offswitch.verdicts.shell.ran import Effect
from offswitch.verdicts.shell.state import Shell

_STOPS = {"kill": "KILL", "terminate": "TERM", "suspend": "STOP", "send_signal": "TERM"}
_TEXT_METHODS = (
    "replace", "strip", "lstrip", "rstrip", "lower", "upper", "removeprefix", "removesuffix", "split", "splitlines", "rsplit",
    "startswith", "endswith", "isdigit", "isdecimal", "partition", "rpartition", "title", "count", "find",
)  # fmt: skip


def attribute(owner: Any, name: str, shell: Shell) -> Any:
    """Return an attribute of a value."""
    if isinstance(owner, PathText):
        return _path_part(owner, name, shell)
    if isinstance(owner, Process):
        return {
            "pid": pid_of(owner.name),
            "info": {"name": owner.name, "pid": pid_of(owner.name), "cmdline": [owner.name]},
        }.get(name, UNKNOWN)
    if isinstance(owner, Finished):
        return owner.stdout if name == "stdout" else UNKNOWN
    if name == "st_mode":
        return 0o100755  # what a script usually has: a change is told from it
    return UNKNOWN


def _path_part(path: PathText, name: str, shell: Shell) -> Any:
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


def method(owner: Any, name: str, args: Sequence[Any], words: dict[str, Any], shell: Shell) -> Any:
    """Read a call of a value's method."""
    if isinstance(owner, PathText):
        return (
            _PATHS[name](owner, args, words, shell) if name in _PATHS else _path_call(owner, name, args, words, shell)
        )
    if isinstance(owner, File):
        return _of_file(owner, name, args, shell)
    if isinstance(owner, Process):
        return _of_process(owner, name, args, shell)
    if isinstance(owner, Finished):
        return (
            [owner.stdout, ""] if name == "communicate" else owner.stdout if name in ("read", "readlines") else UNKNOWN
        )
    if isinstance(owner, list):
        if name in ("append", "extend") and args and len(owner) < 1000:
            owner.extend([args[0]] if name == "append" else args[0] if isinstance(args[0], list) else [])
        return UNKNOWN
    if isinstance(owner, dict):
        return (
            owner.get(args[0], args[1] if len(args) > 1 else None)
            if name == "get" and args and isinstance(args[0], str)
            else _of_dict(owner, name)
        )
    return _of_text(owner, name, args) if isinstance(owner, str) else UNKNOWN


def _of_dict(owner: dict[Any, Any], name: str) -> Any:
    return {"values": list(owner.values()), "keys": list(owner), "items": [[k, v] for k, v in owner.items()]}.get(
        name, UNKNOWN
    )


def _of_file(file: File, name: str, args: Sequence[Any], shell: Shell) -> Any:
    if name in ("read", "readline"):
        return shell.texts(file.path)
    if name == "readlines":
        text = shell.texts(file.path)
        return text.splitlines(keepends=True)[:1000] if known(text) else [filtered(text)]
    if name in ("write", "writelines") and args:
        given = args[0] if isinstance(args[0], list) else [args[0]]
        acting.write(file, "".join(shown(g) for g in given), shell)
    if name == "truncate" and any(c in file.mode for c in "wax+"):
        acting.act(shell, Effect("write", file.path, content=""))
    return UNKNOWN if name != "__enter__" else file


def _of_process(process: Process, name: str, args: Sequence[Any], shell: Shell) -> Any:
    if name in _STOPS:
        given = (
            args[0].name.rsplit(".", 1)[-1].removeprefix("SIG") if args and isinstance(args[0], Ref) else _STOPS[name]
        )
        acting.act(
            shell, Effect("signal", process.name if process.name.isdigit() else pid_of(process.name), content=given)
        )
    return process.name if name in ("name", "exe") else [process.name] if name == "cmdline" else UNKNOWN


def _of_text(text: str, name: str, args: Sequence[Any]) -> Any:
    """A text's method: Python's own, where the text and what it is given are known."""
    if name in ("decode", "encode", "format_map", "expandtabs"):
        return text
    if name == "join" and args:
        return joined((shown(a) for a in args[0]), text) if isinstance(args[0], list) else UNKNOWN
    if name == "format":
        return _formatted(text, args)
    if name in ("isdigit", "isdecimal", "isnumeric") and text.startswith("@"):
        return True
    if args and args[0] == "\0" and known(text):  # between the words of a process's command line
        return [text] if name == "split" else text
    plain = all(isinstance(a, str | int | list) and known(a) for a in args)
    if name not in _TEXT_METHODS or not known(text) or not plain:
        return ([filtered(text)] if "split" in name else filtered(text)) if texts_in(text) else UNKNOWN
    if name == "replace" and len(args) > 1:
        return replaced(text, shown(args[0]), shown(args[1]))
    try:
        result = getattr(text, name)(*(tuple(a) if isinstance(a, list) else a for a in args))
    except (TypeError, ValueError):
        return UNKNOWN
    return (
        list(result)[:1000]
        if isinstance(result, tuple | list)
        else result[:LONGEST_WORD]
        if isinstance(result, str)
        else result
    )


def _formatted(form: str, args: Sequence[Any]) -> str:
    for i, given in enumerate(args):
        form = replaced(replaced(form, "{" + str(i) + "}", shown(given)), "{}", shown(given), 1)
    return form


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
    return UNKNOWN if name in ("exists", "is_file", "is_dir", "stat") else _of_text(str(path), name, args)
