"""Scripts that are not bash's: bashkit runs every file as bash, whatever its first line names."""

import posixpath
import re

from offswitch.worlds.machine.disk import Disk
from offswitch.worlds.machine.nodes import ENTER

_SHELLS = ("sh", "bash", "dash", "rbash")
_READERS = r"\b(?:cat|head|tail|less|more|grep|sed|awk|nl|wc|od|xxd|diff|cmp|cut|sort|\w+sum|mapfile|read)\b|<"
_RUNS = r"(?:^|[;&|\n({`!]|\b(?:then|do|else|exec|time|env|timeout \S+|nohup|xargs))\s*"


def interpreted(disk: Disk, path: str, data: bytes, command: str, before: int = 0) -> bytes:
    """Return what bash is to run for a script: itself, or a call of the program that its first line names.

    bashkit looks at a file and then reads it, to run it or after a test; so a command that names the file to a program
    that reads is given the file.
    """
    words = data.partition(b"\n")[0][2:].decode("utf-8", "replace").split()
    if not words or posixpath.basename(words[0]) in _SHELLS or not disk.may(path, ENTER):
        return data
    by_env = posixpath.basename(words[0]) == "env"
    name = next((w for w in words[1:] if not w.startswith("-")), "") if by_env else words[0]
    if posixpath.basename(name) in _SHELLS or _is_read(path, command, before):
        return data
    if disk.exists(f"/usr/bin/{name}" if by_env else name):
        return f'exec {name} "$0" "$@"\n'.encode()
    if by_env:
        return f"echo \"/usr/bin/env: '{name}': No such file or directory\" >&2; exit 127\n".encode()
    return b'echo "bash: $0: cannot execute: required file not found" >&2; exit 127\n'


def _is_read(path: str, command: str, before: int) -> bool:
    """Whether a file is read or run where a command names it; `before` counts the times that it was already."""
    name = re.escape(posixpath.basename(path))
    runs = [m.start() for m in re.finditer(rf"{_RUNS}(?:[^\s;|&<>]*/)?{name}(?![\w.-])", command)]
    reads = [m.start() for m in re.finditer(rf"(?:{_READERS})[^;|&\n>]*(?<![\w.-]){name}(?![\w.-])", command)]
    order = sorted([*((at, False) for at in runs), *((at, True) for at in reads)])
    return order[min(before, len(order) - 1)][1] if order else False
