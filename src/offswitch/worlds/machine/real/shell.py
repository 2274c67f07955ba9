"""The agent's shell, spoken to from outside: one line a command, its end told on a pipe apart from what it prints.

The loop that waits for the end also answers the item service's client, so that a trial needs no thread.
"""

import os
import secrets
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from offswitch.worlds.base import WorldError
from offswitch.worlds.machine.real import table
from offswitch.worlds.machine.real.channel import Channel, Request
from offswitch.worlds.machine.real.interrupt import EVERY, Interrupt
from offswitch.worlds.machine.real.output import Output
from offswitch.worlds.machine.real.running import Running

if TYPE_CHECKING:
    from offswitch.worlds.machine.call import Result

_SETUP = "PS1= PS2=; set +o history +H; history -c; exec 2>&1"
_PIECE = 65536
_START_SECONDS, _STARTS = 10.0, 20  # for a shell to come up; how many the machine's PID 1 starts
_GONE = "gone "
_ROOM = 8  # processes that a plain command needs
_LOOK = 1.0  # seconds between two looks at how many there are


class Said(NamedTuple):
    """What came of a command: what it printed, and what the shell takes the work name for (None: for nothing)."""

    text: str
    resolves: str | None


class Shell:
    """The persistent shell of one machine. `serve` answers a request; `is_over` tells that it took the machine down."""

    def __init__(self, box: Running, serve: "Callable[[Request], Result]", is_over: Callable[[], bool]) -> None:
        self._box, self._serve, self._is_over = box, serve, is_over
        self._pipes = box.pipes
        self._channel = Channel(box.pipes.requests, box.pipes.replies, box.pipes.turn)
        self.status = self._pid = self._asked = 0
        self._told = self._unsent = b""
        self._out = Output(box.names.output_chars)
        self._poll = select.poll()
        for fd in (box.pipes.output, box.pipes.status, box.pipes.requests, box.pidfd):
            self._poll.register(fd, select.POLLIN)
        self._set_up()

    def run(self, command: str, seconds: float) -> Said | None:
        """Run a command to its end or its time limit. None: the machine was taken down. Raises WorldError if it broke."""
        if any(line.startswith(_GONE) for line in self._lines()):  # killed from the background
            self._set_up()
        self._asked = 0
        self._relieve()
        told = self._speak(_script(command, self.status), "$?", seconds)
        if told is None:
            return None
        text = self.printed()
        if told[0].startswith(_GONE):
            self.status, resolves = 0, self._set_up()
        else:
            self.status, resolves = int(told[0]), told[1:]
        return Said(text, "\n".join(resolves) or None)

    def printed(self) -> str:
        """Return what has been printed and was not returned before."""
        self._drain()
        text, self._out = self._out.text(), Output(self._box.names.output_chars)
        return text

    def add(self, text: str) -> None:
        """Let something appear as if it had been printed."""
        self._drain()
        self._out.add(text.encode())

    def prints(self, who: str) -> bool:
        """Whether what a program of the wire prints is seen. While it writes to the wire, bash keeps its output as number 10."""
        asking = next((p for p in table.below(self._box.pid) if str(p.inside) == who), None)
        return asking is not None and self._box.output in (asking.open_file(1), asking.open_file(10))

    @property
    def folder(self) -> str:
        """The shell's present folder."""
        try:
            return str(Path(f"/proc/{self._pid}/cwd").readlink())
        except OSError:
            return "/"

    def serve_waiting(self) -> None:
        """Answer what has been asked."""
        for request in self._channel.read():
            if self._asked < self._box.limits.requests and not self._is_over():
                self._asked += 1
                result = self._serve(request)
                if not self._is_over():  # who asked is being killed, and might still print what is shown for it
                    self._channel.answer(request, result)

    def _relieve(self) -> None:
        """End what runs if it fills the table: not even the next program of this or a later command could be started."""
        if sum(1 for _ in table.below(self._box.pid)) >= self._box.limits.processes - _ROOM:
            self._interrupt(0).sweep(signal.SIGKILL)

    def _interrupt(self, began: int) -> Interrupt:
        spared = frozenset(p.pid for p in self._box.beside())
        return Interrupt(self._box.pid, self._pid, began, spared)

    def _set_up(self) -> list[str]:
        """Make a new shell ready; return what it takes the work name for. What it prints until then is dropped."""
        for _ in range(_STARTS):
            told = self._speak(_SETUP, "$$", _START_SECONDS)
            if told and told[0].isdigit():
                inside = int(told[0])
                self._pid = next((p.pid for p in table.below(self._box.pid) if p.inside == inside), 0)
                self.printed()
                return told[1:]
        raise WorldError("the machine's shell does not come up any more")

    def _speak(self, script: str, tell: str, seconds: float) -> list[str] | None:
        """Send a line; return what the shell tells of its end. None: the machine was taken down meanwhile."""
        mark = secrets.token_hex(8)
        self._unsent = _told_by(script, tell, mark, self._box.names.work).encode("utf-8", "replace")
        self._channel.grant()
        told: list[str] = []
        until, looked = time.monotonic() + seconds, time.monotonic() + _LOOK
        began, stopping = table.now(), None
        while True:
            self._wait(min(until, looked) - time.monotonic())
            if self._is_over():
                return None
            for line in self._lines():
                if line == mark and told:
                    return told
                if line.startswith(_GONE):
                    return [line]
                told = [line[17:]] if line.startswith(f"{mark} ") else told + [line] * bool(told)
            if time.monotonic() >= looked:
                self._relieve()
                looked = time.monotonic() + _LOOK
            if time.monotonic() >= until:
                stopping = stopping or self._stop(began, seconds)
                if stopping.step():
                    self._box.kill()
                until = time.monotonic() + EVERY

    def _stop(self, began: int, seconds: float) -> Interrupt:
        """Begin to stop what runs too long."""
        self._drain()
        self._out.note = f"[the command was stopped: time limit of {seconds:g} s]"
        return self._interrupt(began)

    def _wait(self, seconds: float) -> None:
        """Wait for anything to happen, and take it in. Raises WorldError when the machine has ended by itself."""
        if self._unsent:
            self._send()
        for fd, _ in self._poll.poll(max(0.0, seconds) * 1000 if not self._unsent else 1):
            if fd == self._pipes.output:
                self._out.add(_read(fd))
            elif fd == self._pipes.status:
                self._told = (self._told + _read(fd))[-_PIECE:]
            elif fd == self._pipes.requests:
                self.serve_waiting()
            elif not self._is_over():
                raise WorldError("the machine ended by itself: its first process is gone")

    def _send(self) -> None:
        with suppress(BlockingIOError, BrokenPipeError):
            self._unsent = self._unsent[os.write(self._pipes.commands, self._unsent) :]

    def _lines(self) -> list[str]:
        """Return the whole lines told since."""
        self._told += _read(self._pipes.status)
        *lines, self._told = self._told.split(b"\n")
        return [line.decode("utf-8", "replace") for line in lines]

    def _drain(self) -> None:
        """Take in what stands in the pipe, and no more than can have stood there."""
        for _ in range(32):
            if not (data := _read(self._pipes.output)):
                return
            self._out.add(data)


def _script(command: str, status: int) -> str:
    """A command as one line: kept in the history, and run where `$?` is what the one before left."""
    quoted = _quoted(command)
    before = f"(exit {status}); " if status else ""
    return f"\\builtin history -s -- {quoted}; {before}\\builtin eval {quoted} < /dev/null"


def _told_by(script: str, tell: str, mark: str, work: str) -> str:
    """The line, and a second one that tells of its end and of what the work name leads to."""
    asked = f"\\builtin printf '\\n%s\\n' \"{mark} {tell}\"; \\builtin command -v -- {work}; \\builtin printf '%s\\n' {mark}"
    return f"{script}\n{{ {asked}; }} > /proc/1/fd/3 2> /dev/null\n"


def _quoted(text: str) -> str:
    """One word of bash that stands on one line."""
    plain = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r").replace("\x00", "")
    return f"$'{plain}'"


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, _PIECE)
    except BlockingIOError:
        return b""
