"""The host's accounts that machines run as."""

import os
from pathlib import Path

_BASE, _SLOTS = (
    1_880_000_000,
    63,
)  # above every account and container range in use; a process id times slots fits below 2**31
_taken: set[int] = set()


def take_account() -> int | None:
    """Return a uid of the host's that no other machine has, so that the limit on processes is its own.

    None without root: then every machine runs as oneself.
    """
    if os.getuid() != 0:
        return None
    slot = next((i for i in range(_SLOTS) if i not in _taken), _SLOTS - 1)
    _taken.add(slot)
    return _first() + slot


def give_account(uid: int | None) -> None:
    """Let another machine have the account."""
    if uid is not None:
        _taken.discard(uid - _first())


def maker_of(uid: int) -> int | None:
    """Return the process that a machine's account belongs to; None where the account does not tell it."""
    return (uid - _BASE) // _SLOTS if uid >= _BASE else None


def _first() -> int:
    """The first of this process's accounts; in a container that maps few, the last ones that it maps."""
    mapped = sum(int(line.split()[2]) for line in Path("/proc/self/uid_map").read_text().splitlines())
    wanted = _BASE + os.getpid() * _SLOTS
    return wanted if wanted + _SLOTS < min(mapped, 2**31) else min(mapped, 2**16) - 600 - _SLOTS
