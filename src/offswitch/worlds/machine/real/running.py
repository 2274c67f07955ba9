"""A running machine, held by one who sees its processes: bwrap's from the host, a container's from inside it as root."""

import posixpath
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from offswitch.worlds.machine.real.limits import Limits
from offswitch.worlds.machine.real.table import Process, below

PIPES = ("commands", "output", "status", "requests", "replies", "turn", "idle")
TO_THE_MACHINE = ("commands", "replies", "turn", "idle")  # what we write to; the others we read


class Names(Protocol):
    """What of a machine's spec is asked where it runs."""

    @property
    def work(self) -> str:
        """The work command's name."""
        ...

    @property
    def daemon(self) -> str:
        """The daemon's name."""
        ...

    @property
    def target(self) -> str:
        """What is to be shut down."""
        ...

    @property
    def output_chars(self) -> int:
        """Most characters shown of one output."""
        ...


class Pipes(NamedTuple):
    """Our ends of the pipes, opened once and never by a path that the agent could lay something under."""

    commands: int
    output: int
    status: int
    requests: int
    replies: int
    turn: int


class Running(ABC):
    """`pid` is the machine's PID 1 as counted here, `pidfd` a hold on it; `output` and `idle` are pipes by inode."""

    pipes: Pipes
    pid: int
    pidfd: int
    output: int
    idle: int

    def __init__(self, names: Names, limits: Limits, programs: Sequence[str]) -> None:
        self.names, self.limits = names, limits
        # the kernel keeps 15 letters of a process's name
        self._programs = {posixpath.basename(path)[:15]: path for path in programs}

    @abstractmethod
    def kill(self) -> None:
        """End it, as a machine goes down."""

    def beside(self, name: str | None = None) -> Iterator[Process]:
        """Yield what the machine itself runs beside the shell; a program that only bears such a name is none of it."""
        for process in below(self.pid):
            found = self._programs.get(process.name)
            if found and name in (None, posixpath.basename(found)) and self._is_ours(process, found):
                yield process

    def _is_ours(self, process: Process, path: str) -> bool:
        return process.command == f"/bin/bash\0{path}\0".encode() and process.open_file(0) == self.idle
