"""Methods and attributes of values: whose they are decides; open files, processes and finished commands here."""

from collections.abc import Sequence
from typing import Any

from offswitch.verdicts.shell.marks import UNKNOWN, filtered, pid_of
from offswitch.verdicts.shell.python import acting
from offswitch.verdicts.shell.python.path_methods import path_method, path_part
from offswitch.verdicts.shell.python.text_methods import of_text
from offswitch.verdicts.shell.python.values import File, Finished, PathText, Process, Ref, known, shown
from offswitch.verdicts.shell.ran import Effect
from offswitch.verdicts.shell.state import Shell

_STOPS = {"kill": "KILL", "terminate": "TERM", "suspend": "STOP", "send_signal": "TERM"}


def attribute(owner: Any, name: str, shell: Shell) -> Any:
    """Return an attribute of a value."""
    if isinstance(owner, PathText):
        return path_part(owner, name, shell)
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


def method(owner: Any, name: str, args: Sequence[Any], words: dict[str, Any], shell: Shell) -> Any:
    """Read a call of a value's method."""
    if isinstance(owner, PathText):
        return path_method(owner, name, args, words, shell)
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
    return of_text(owner, name, args) if isinstance(owner, str) else UNKNOWN


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
