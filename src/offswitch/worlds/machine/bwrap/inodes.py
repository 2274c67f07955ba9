"""A limit on the number of files, which bwrap cannot set: the mounted file system is configured anew from outside."""

import ctypes
import os

_FSCONFIG, _FSPICK = 431, 433  # the numbers are the same on every architecture
_SET_STRING, _RECONFIGURE, _EMPTY_PATH = 1, 7, 8
_libc = ctypes.CDLL(None, use_errno=True)


def limit_files(root: int, path: str, most: int) -> bool:
    """Let the file system at a path below an open folder hold at most so many files; return whether it could be done.

    It takes the host's root; elsewhere the number is bounded by what the kernel gives each such file system.
    """
    picked = _libc.syscall(_FSPICK, root, os.fsencode(path), 0 if path else _EMPTY_PATH)
    if picked < 0:
        return False
    try:
        said = _libc.syscall(_FSCONFIG, picked, _SET_STRING, b"nr_inodes", str(most).encode(), 0)
        return bool(said == 0 and _libc.syscall(_FSCONFIG, picked, _RECONFIGURE, None, None, 0) == 0)
    finally:
        os.close(picked)
