"""Patterns of file names in a Python script: every part of a path is matched, as the shell does."""

import fnmatch
import glob
import posixpath
from typing import Any

from offswitch.worlds.machine.disk import Disk
from offswitch.worlds.machine.python_disk import Files

_MATCHES = 10_000


class Globbing:
    """Finding files by patterns."""

    def __init__(self, files: Files, disk: Disk) -> None:
        self._files, self._disk = files, disk

    def glob(self, pattern: Any, *, recursive: bool = False, root_dir: Any = None, **_: Any) -> list[str]:
        """Match every part of a path, as the shell does; `**` goes down any number of folders."""
        text = str(pattern)
        found = [("/" if text.startswith("/") else "")]
        for part in [p for p in text.split("/") if p]:
            found = [n for at in found for n in self._matches(at, part, recursive, str(root_dir or "."))][:_MATCHES]
        return [n.rstrip("/") or "/" for n in found if n]

    def _matches(self, at: str, part: str, recursive: bool, root: str) -> list[str]:
        base = f"{at}/" if at and not at.endswith("/") else at
        where = self._files.where(posixpath.join(root, at or "."))
        if not glob.has_magic(part):
            return [base + part] if self._files.kind(f"{where}/{part}") else []
        try:
            entries = self._disk.read_dir(where)
        except OSError:
            return []
        if part == "**" and recursive:
            down = [f"{base}{n}" for n, i in entries if i.kind == "directory" and not n.startswith(".")]
            return [at, *(deep for one in down for deep in self._matches(one, part, True, root))][:_MATCHES]
        return [base + n for n, _ in entries
                if fnmatch.fnmatchcase(n, part) and (not n.startswith(".") or part.startswith("."))]  # fmt: skip
