"""One sandbox: started through bwrap, held from outside, ended without a trace."""

import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from functools import cache

from offswitch.worlds.base import WorldError
from offswitch.worlds.machine.bwrap.accounts import give_account, take_account
from offswitch.worlds.machine.bwrap.group import Group
from offswitch.worlds.machine.bwrap.inodes import limit_files
from offswitch.worlds.machine.bwrap.layout import Layout
from offswitch.worlds.machine.bwrap.orphans import end_orphans
from offswitch.worlds.machine.real.furnish import INIT, beside
from offswitch.worlds.machine.real.limits import Limits
from offswitch.worlds.machine.real.rooted import Rooted
from offswitch.worlds.machine.real.running import PIPES, TO_THE_MACHINE, Pipes, Running
from offswitch.worlds.machine.spec import MachineSpec

_START_SECONDS = 20.0
_APART = 64  # numbers that init puts in order are below


class Sandbox(Running):
    """A machine of bwrap's. `pid` is its PID 1 as the host counts."""

    def __init__(self, spec: MachineSpec, limits: Limits) -> None:
        end_orphans()
        super().__init__(spec, limits, beside(spec))
        self.spec, self._open = spec, list[int]()
        self._account = take_account()
        self._process: subprocess.Popen[bytes] | None = None
        self.pid, self.pidfd = 0, -1
        self.group = Group(limits)
        try:
            self._begin()
            self._hold()
        except BaseException:
            self.close()
            raise

    @property
    def uid(self) -> int:
        """The host's account that it runs as."""
        return os.getuid() if self._account is None else self._account

    @property
    def up(self) -> bool:
        """Whether PID 1 is there: an open pidfd can be read once its process is gone."""
        return self.pidfd >= 0 and not _ready(self.pidfd, 0)

    def kill(self) -> None:
        """End it, as a machine goes down: PID 1 is gone, and with it every process."""
        with suppress(ProcessLookupError):
            if self.pidfd >= 0:
                signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    def close(self) -> None:
        """End it and give back all that it held."""
        if self._process is not None:
            if self.pidfd < 0:
                self._process.kill()  # bwrap itself, whose end is the end of all
            self.kill()
            self._process.wait()  # bwrap ends when the last process inside is gone
            self._process = None
        self.group.close()
        give_account(self._account)
        self._account = None
        while self._open:
            os.close(self._open.pop())

    def _begin(self) -> None:
        """Start bwrap; what is handed to it is ours no longer."""
        with ExitStack() as handed:
            layout = Layout(self.spec, self.limits)
            handed.callback(layout.close)
            inner = self._make_pipes()
            for fd in inner:
                handed.callback(os.close, fd)
            self._process = self._spawn(layout, inner)

    def _make_pipes(self) -> list[int]:
        """Open the pipes; return the machine's ends: commands, output, status, requests, replies, turn, idle, info, block."""
        ours: list[int] = []
        theirs: list[int] = []
        for name in (*PIPES, "info", "block"):
            read, write = os.pipe2(os.O_CLOEXEC)
            mine, other = (write, read) if name in (*TO_THE_MACHINE, "block") else (read, write)
            theirs.append(fcntl.fcntl(other, fcntl.F_DUPFD_CLOEXEC, _APART))
            os.close(other)
            os.set_blocking(mine, False)
            os.fchown(mine, self.uid, -1)  # so that the machine may open its ends anew
            ours.append(mine)
        self._open += ours
        self.pipes, self._info, self._block = Pipes(*ours[:6]), ours[7], ours[8]
        self.idle, self.output = os.fstat(ours[6]).st_ino, os.fstat(ours[1]).st_ino
        return theirs

    def _spawn(self, layout: Layout, inner: Sequence[int]) -> "subprocess.Popen[bytes]":
        commands, output, *between, info, block = inner
        words, account = _as_account(self._account)
        words += [shutil.which("bwrap") or "bwrap", *layout.words, "--info-fd", str(info), "--block-fd", str(block)]
        words += ["--", INIT, *map(str, between)]
        apart = [*between, info, block, *layout.handed]
        group = None if account is None else ()
        return subprocess.Popen(
            words, stdin=commands, stdout=output, stderr=output, env={}, cwd="/", pass_fds=apart,
            user=account, group=account, extra_groups=group,
        )  # fmt: skip

    def _hold(self) -> None:
        """Wait until it is up, and take hold of its first process and its root folder."""
        told = b""
        while not told.endswith(b"}\n") and _ready(self._info) and (more := os.read(self._info, 4096)):
            told += more
        if told.strip():
            self.pid = int(json.loads(told)["child-pid"])
            self.group.add(self.pid)  # before it becomes the machine's first process
            os.write(self._block, b"\n")
        up = told.strip() and _ready(self.pipes.status) and os.read(self.pipes.status, 4096) == b"up\n"
        if not up:
            raise WorldError(f"the sandbox did not start: {self._complaint()}")
        self.pidfd = os.pidfd_open(self.pid)
        self._open.append(self.pidfd)
        root = os.open(f"/proc/{self.pid}/root", os.O_PATH | os.O_CLOEXEC)
        self._open.append(root)
        self.files = Rooted(root, self.uid)
        for path in ("", "dev/shm"):  # what the agent may write
            limit_files(root, path, self.limits.files)

    def _complaint(self) -> str:
        said = os.read(self.pipes.output, 4096) if _ready(self.pipes.output, 0) else b""
        lines = said.decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "bwrap said nothing"


def _as_account(account: int | None) -> tuple[list[str], int | None]:
    """Return a command's first words that change to an account, and the account if Popen has to do it.

    To do it itself Popen forks this whole process; without, it need not, which saves a third of a machine's start.
    """
    setpriv = _setpriv()
    if account is None or setpriv is None:
        return [], account
    return [setpriv, f"--reuid={account}", f"--regid={account}", "--clear-groups", "--"], None


@cache
def _setpriv() -> str | None:
    return shutil.which("setpriv")


def _ready(fd: int, seconds: float = _START_SECONDS) -> bool:
    """Whether there is something to read, or nothing more to come."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
