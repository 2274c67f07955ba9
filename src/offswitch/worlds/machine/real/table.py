"""The processes of a sandbox, read from the host's /proc: the machine cannot tell us anything else of them."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_EXITING = 0x4  # PF_EXITING of the kernel
_HARMLESS = sum(1 << number - 1 for number in (signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH))
_LOOKS = 20  # at a process that runs: it may be about to stop
_MOST = 4096  # processes looked at; the limit on a machine is far below


class Process(NamedTuple):
    """One process. `pid` is the host's number of it, `started` counts clock ticks since the host's start."""

    pid: int
    name: str
    state: str
    started: int
    flags: int

    @property
    def acts(self) -> bool:
        """Whether it runs or waits: neither stopped nor dead, nor about to be by a signal that it has not met yet.

        Signals are looked at before the state: one that was sent is pending, or being met (it runs), or its work is done.
        """
        for _ in range(_LOOKS):
            if self._signalled:
                return False
            now = look(self.pid)
            if now is None or now.started != self.started or now.state not in "RSD" or now.flags & _EXITING:
                return False
            if now.state != "R":
                return True
            time.sleep(0.001)
        return True

    @property
    def _signalled(self) -> bool:
        lines = _read(self.pid, "status").splitlines()
        pending = [int(line.split()[1], 16) for line in lines if line.startswith((b"SigPnd:", b"ShdPnd:"))]
        return any(mask & ~_HARMLESS for mask in pending)

    @property
    def command(self) -> bytes:
        """Its words, each ended by NUL."""
        return _read(self.pid, "cmdline")

    @property
    def inside(self) -> int:
        """Its number inside; 0 if it is gone."""
        found = [line for line in _read(self.pid, "status").splitlines() if line.startswith(b"NSpid:")]
        return int(found[0].split()[-1]) if found else 0

    def open_file(self, fd: int) -> int:
        """Return the inode of one of its open files; 0 if there is none."""
        try:
            return Path(f"/proc/{self.pid}/fd/{fd}").stat().st_ino
        except OSError:
            return 0

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send it a signal, unless it is gone or another has its number now."""
        with suppress(OSError):
            fd = os.pidfd_open(self.pid)
            try:
                if (now := look(self.pid)) is not None and now.started == self.started:
                    signal.pidfd_send_signal(fd, number)
            finally:
                os.close(fd)


def look(pid: int) -> Process | None:
    """Return a process by the host's number of it; None if there is none."""
    head, _, tail = _read(pid, "stat").rpartition(b")")
    words = tail.split()
    if len(words) < 20:
        return None
    name = head.partition(b"(")[2].decode("utf-8", "replace")
    return Process(pid, name, chr(words[0][0]), int(words[19]), int(words[6]))


def below(pid: int) -> Iterator[Process]:
    """Yield every process that descends from one, it left out. In a pid namespace all descend from its PID 1."""
    waiting = list(_children(pid))
    for _ in range(_MOST):
        if not waiting:
            return
        found = look(waiting.pop(0))
        if found is not None:
            waiting += _children(found.pid)
            yield found


def now() -> int:
    """Return the present in the ticks of `started`."""
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * _TICKS)


def _children(pid: int) -> Iterator[int]:
    try:
        tasks = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208
    except OSError:
        return
    for task in tasks:
        yield from map(int, _read(pid, f"task/{task}/children").split())


def _read(pid: int, name: str) -> bytes:
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:  # noqa: PTH123
            return file.read(65536)
    except OSError:
        return b""
