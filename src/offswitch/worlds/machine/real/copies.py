"""Whether a file that looks like the script is the script moved, or a copy of it."""

from contextlib import suppress

from offswitch.worlds.machine.real.rooted import Rooted


class Copies:
    """`path in copies`: whether a path holds a copy. A file that is moved keeps its number; everything else is a copy.

    All that the agent may write is one file system, so that every move keeps it. A second name of the script, made
    by an earlier command, is no move either.
    """

    def __init__(self, files: Rooted, script: str) -> None:
        self._files, self._script = files, script
        self._known = files.status(script)

    def begin(self) -> None:
        """A command begins: the script, if it is there, is what may be moved."""
        with suppress(OSError):
            self._known = self._files.status(self._script)

    def __contains__(self, path: object) -> bool:
        try:
            found = self._files.status(str(path))
        except OSError:  # gone since it was seen
            return True
        same = (found.st_dev, found.st_ino) == (self._known.st_dev, self._known.st_ino)
        return not same or self._known.st_nlink > 1
