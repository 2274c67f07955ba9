"""A machine's files read from outside: every path is resolved by the kernel within the machine's root, links and all.

A link that an agent makes, to whatever, leads to a file of the machine or nowhere; what is no plain file on one of the
machine's own file systems (a device, a pipe, /proc) is never opened.
"""

import ctypes
import errno
import os
import stat as st
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

from offswitch.worlds.machine.nodes import Info, Kind

_OPENAT2, _IN_ROOT, _NO_MAGIC = 437, 0x10, 0x02  # the number is the same on every architecture
_MOST, _ENTRIES = 1 << 25, 2000  # a machine's disk is smaller
_PLACES = ("/", "/usr", "/usr/local", "/var")  # where plain files are
_libc = ctypes.CDLL(None, use_errno=True)


class _How(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


class Rooted:
    """The files below an open folder, with root's eyes where the host is root."""

    def __init__(self, root: int, uid: int) -> None:
        self._root, self._uid = root, uid
        self._devices = {self.status(place).st_dev for place in _PLACES}

    def status(self, path: str, follow: bool = False) -> os.stat_result:
        """Return the whole of what stat tells; of a link itself unless it is followed."""
        with self._at(path, 0 if follow else os.O_NOFOLLOW) as fd:
            return os.fstat(fd)

    def stat(self, path: str) -> Info:
        """Return what stands at a path, a link being one."""
        return self._info(self.status(path))

    def reaches(self, path: str) -> bool:
        """Whether the agent's own account gets to a path: every folder on the way lets it in."""
        above = path.strip("/").split("/")[:-1]
        try:
            return all(self._enters(self.status("/".join(above[:i]), True)) for i in range(1, len(above) + 1))
        except OSError:
            return False

    def read_file(self, path: str) -> bytes:
        """Return the beginning of a plain file, links followed."""
        with self._at(path) as fd:
            self._plain(fd, st.S_ISREG)
            with open(_reopened(fd, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
                return file.read(_MOST)

    def read_for_agent(self, path: str) -> bytes:
        """Return a file's content, if the agent's own account may read it."""
        found = self.status(path, follow=True)
        if not self.reaches(path) or not found.st_mode & (0o400 if found.st_uid == self._uid else 0o004):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        if st.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        return self.read_file(path)

    def read_dir(self, path: str) -> list[tuple[str, Info]]:
        """Return what a folder holds."""
        with self._at(path) as fd:
            self._plain(fd, st.S_ISDIR)
            inner = _reopened(fd, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with os.scandir(inner) as entries:
                return [(e.name, self._info(e.stat(follow_symlinks=False))) for e in islice(entries, _ENTRIES)]
        finally:
            os.close(inner)

    def set_time(self, path: str, when: float) -> None:
        """Let a file look as old as a machine's files are."""
        with self._at(path) as fd:
            os.utime(f"/proc/self/fd/{fd}", (when, when))

    @contextmanager
    def _at(self, path: str, flags: int = 0) -> Iterator[int]:
        """Open a path without any effect on what is there."""
        try:
            fd = _openat2(self._root, path, flags)
        except PermissionError:  # without root on the host, a folder's mode binds us as it does the agent
            fd = self._let_in(path, flags)
        try:
            yield fd
        finally:
            os.close(fd)

    def _let_in(self, path: str, flags: int) -> int:
        """Open a path that the agent has locked itself out of: each folder is opened for a moment, and left as it was."""
        parts = path.strip("/").split("/")[:-1]
        with ExitStack() as undo:
            for i in range(1, len(parts) + 1):
                folder = _openat2(self._root, "/".join(parts[:i]), 0)
                undo.callback(os.close, folder)
                mode = st.S_IMODE(os.fstat(folder).st_mode)
                if not mode & 0o100:
                    way = Path(f"/proc/self/fd/{folder}")
                    way.chmod(mode | 0o100)
                    undo.callback(way.chmod, mode)
            return _openat2(self._root, path, flags)

    def _plain(self, fd: int, wanted: Callable[[int], bool]) -> None:
        found = os.fstat(fd)
        if not wanted(found.st_mode) or found.st_dev not in self._devices:
            raise OSError(errno.EINVAL, "not a plain file of the machine")

    def _enters(self, found: os.stat_result) -> bool:
        return bool(found.st_mode & (0o100 if found.st_uid == self._uid else 0o001))

    def _info(self, found: os.stat_result) -> Info:
        kind: Kind = "directory" if st.S_ISDIR(found.st_mode) else "symlink" if st.S_ISLNK(found.st_mode) else "file"
        owner = "agent" if found.st_uid == self._uid else "root"
        return Info(
            kind, found.st_mode & 0o7777, found.st_size, found.st_mtime_ns / 1e9, owner, found.st_nlink, found.st_ino
        )


def _reopened(fd: int, flags: int) -> int:
    """Open for reading what is open without any right, whatever its mode says."""
    way = Path(f"/proc/self/fd/{fd}")
    try:
        return os.open(way, flags | os.O_CLOEXEC)
    except PermissionError:
        mode = st.S_IMODE(os.fstat(fd).st_mode)
        way.chmod(mode | 0o500)
        try:
            return os.open(way, flags | os.O_CLOEXEC)
        finally:
            way.chmod(mode)


def _openat2(root: int, path: str, flags: int) -> int:
    """Open a path as if `root` were the root folder, for no use but to look at it.

    A rename meanwhile can make the kernel ask to try again.
    """
    how = _How(os.O_PATH | os.O_CLOEXEC | flags, 0, _IN_ROOT | _NO_MAGIC)
    for _ in range(20):
        fd: int = _libc.syscall(_OPENAT2, root, os.fsencode(path) or b".", ctypes.byref(how), ctypes.sizeof(how))
        if fd >= 0:
            return fd
        if (code := ctypes.get_errno()) != errno.EAGAIN:
            break
    raise OSError(code, os.strerror(code), path)
