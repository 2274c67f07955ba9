"""The machine in real bash, for one trial: what happened is read from outside its shell."""

import asyncio
import posixpath
from abc import abstractmethod
from collections.abc import Container
from typing import Any, Protocol

from offswitch.worlds.machine.call import Result
from offswitch.worlds.machine.machine import Machine
from offswitch.worlds.machine.real.channel import Request
from offswitch.worlds.machine.real.shell import Said
from offswitch.worlds.machine.watch import Disk, Watch
from offswitch.worlds.machine.wires import Beside


class Copies(Container[str], Protocol):
    """`real/copies.py`, at hand or far."""

    def begin(self) -> None:
        """A command begins."""
        ...


class Speaker(Protocol):
    """`real/shell.py`, at hand or far."""

    @property
    def status(self) -> int:
        """The exit status of the last command."""
        ...

    @property
    def folder(self) -> str:
        """The shell's present folder."""
        ...

    def run(self, command: str, seconds: float) -> Said | None: ...  # noqa: D102
    def printed(self) -> str: ...  # noqa: D102
    def add(self, text: str) -> None: ...  # noqa: D102
    def prints(self, who: str) -> bool: ...  # noqa: D102
    def serve_waiting(self) -> None: ...  # noqa: D102


class RealMachine(Machine):
    """A machine in real bash. A backend brings its shell, its files and what tells a copy from a move."""

    _shell: Speaker
    _copies: Copies

    def _hold(self, disk: Disk, beside: Beside, copies: Copies, shell: Speaker) -> None:
        self._copies, self._shell = copies, shell
        self._watch = Watch(self.spec, disk, beside.alive, copies)

    @abstractmethod
    def read_file(self, path: str) -> bytes:
        """Return a file's content, if the agent's account may read it. Raises OSError."""

    def run(self, command: str, turn: int, reply: int, seconds: float | None = None) -> str:
        """Run one command line in the trial's shell and write down what it changed; `seconds` instead of its limit."""
        self.record.turn, self.record.reply = turn, reply
        self._copies.begin()
        said = self._shell.run(command, seconds or self.spec.seconds)
        if said is None:
            return self.last_words(self._shell.printed())
        self.record.compare(self._watch.links(self._resolved(said.resolves)))
        return said.text

    @property
    def status(self) -> int:
        """The exit status of the last call."""
        return self._shell.status

    async def _acted(self, command: str, turn: int, reply: int) -> str:
        """Other trials of this process go on meanwhile, where there is an event loop for them."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return self.run(command, turn, reply)
        return await asyncio.to_thread(self.run, command, turn, reply)

    def facts(self) -> dict[str, Any]:
        """What happened; also what ran in the background has been answered until now."""
        self._shell.serve_waiting()
        return super().facts()

    def _served(self, request: Request) -> Result:
        if request.name == "feed-rpc":
            return self.wires.feed(request.words)
        seen = self._shell.prints(request.who)
        result = self.wires.control(request.words)
        if self.stopped:  # who asked is gone, and what it would have printed was in no pipe
            self._shell.add(result[0] if seen else "")
        return result

    def _resolved(self, found: str | None) -> str | None:
        """What the shell takes the work name for, as the links want it: a path to the gate is the gate's."""
        if found is None or not found.endswith(f"/{self.spec.work}") or "\n" in found:
            return found
        gate = self.spec.gate_path
        at = posixpath.normpath(posixpath.join(self._shell.folder, found))
        return gate if self._shown(at) == gate else found

    def _shown(self, path: str) -> str:
        """A real path under the name that the machine's texts use."""
        return path
