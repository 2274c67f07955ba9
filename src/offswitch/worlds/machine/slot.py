"""Where a shell of bashkit's finds its disk, and what it is shown of it: bashkit sees some files otherwise than bash would."""

import errno
import posixpath
import re

from offswitch.worlds.machine.bridge import mountable
from offswitch.worlds.machine.disk import Disk
from offswitch.worlds.machine.interpreters import interpreted
from offswitch.worlds.machine.nodes import Info

_BASH = (b"#!/bin/bash\n", b"#!/bin/sh\n")


class Slot:
    """Where a shell finds its disk: the disk may be changed between two commands."""

    def __init__(self) -> None:
        self.disk: Disk | None = None
        self.command = ""  # what is being run
        self.refused: dict[str, int] = {}  # path -> why bash was not given it
        self._looked_at = ""
        self._seen: dict[str, int] = {}
        self.mountable = mountable(self)

    def begin(self, command: str) -> None:
        """Take note of a new command line."""
        self.command = command
        self.refused.clear()
        self._seen.clear()

    def stat(self, path: str) -> Info:
        """Remember what was looked at last: bashkit runs a file by a look and a reading."""
        self._looked_at = path
        info = self._held.stat(path)
        if (
            info.kind == "file" and info.owner == "agent" and not info.mode & 0o100 and "-perm" not in self.command
        ):  # bashkit runs what anybody may run: its owner may not
            return info._replace(mode=info.mode & ~0o111)
        return info

    def read_file(self, path: str) -> bytes:
        """Return a file; of one that is about to be run, what bash shall do with it."""
        data = self._held.read_file(path)
        run = data.startswith(b"#!") and not data.startswith(_BASH) and self._is_looked_at(path)
        self._seen[path] = self._seen.get(path, -1) + run
        return interpreted(self._held, path, data, self.command, self._seen[path]) if run else data

    def _is_looked_at(self, path: str) -> bool:
        """A link is looked at where it leads, and read by its own name."""
        return path == self._looked_at or self._held.real(path) == self._held.real(self._looked_at)

    def write_file(self, path: str, data: bytes) -> None:
        """Write a file. Where `sed -i` may make no file beside it, it would write the file itself: no real one does."""
        beside = posixpath.join(posixpath.dirname(path), ".bashkit-sed-")
        if tried := next((name for name in self.refused if name.startswith(beside)), None):
            del self.refused[tried]
            raise OSError(errno.EACCES, "Permission denied")
        kept = self._kept_by_sed(path)
        self._held.write_file(path, data)
        if kept is not None:
            self._held.chmod(path, kept)

    def _kept_by_sed(self, path: str) -> int | None:
        """The mode of the file of which `sed -i.bak` makes this copy; None for any other file."""
        found = re.search(r"\bsed\b[^;|&\n]*\s(?:-[a-zA-Z]*i|--in-place=)([^\s'\"]+)", self.command)
        if found is None or not path.endswith(found[1]) or self._held.exists(path):
            return None
        of = path.removesuffix(found[1])
        return self._held.node(of).mode & 0o777 if self._held.exists(of) else None

    @property
    def _held(self) -> Disk:
        if self.disk is None:
            raise OSError(errno.EIO, "Input/output error")
        return self.disk
