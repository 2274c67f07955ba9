"""Whether a file that looks like the script is the script moved, or a copy of it."""

import os
import time

from offswitch.worlds.machine.bwrap.rooted import Rooted


class Copies:
    """`path in copies`: whether a path holds a copy.

    A file moved within a file system keeps its number; one moved to another is written anew but keeps the time of its
    last change, and that happens in the same command. Every other file of that content is a copy.
    """

    def __init__(self, files: Rooted, script: str) -> None:
        self._files, self._script = files, script
        self._known = self._seen = files.status(script)
        self._began = 0

    def begin(self) -> None:
        """A command begins: the script, if it is there, is what may be moved."""
        self._began = time.clock_gettime_ns(time.CLOCK_REALTIME) - _COARSE
        self._known = self._look() or self._known

    def __contains__(self, path: object) -> bool:
        found = self._files.status(str(path))
        if (found.st_dev, found.st_ino) == (self._known.st_dev, self._known.st_ino):
            return False
        return found.st_mtime_ns != self._known.st_mtime_ns or found.st_ctime_ns < self._began

    def _look(self) -> os.stat_result | None:
        try:
            return self._files.status(self._script)
        except OSError:
            return None


_COARSE = 10_000_000  # ns: the clock of a file's times steps; at 100 Hz, by this much
