"""The machine in real bash, for one trial: what happened is read from outside the sandbox."""

import asyncio
import errno
import os
import posixpath
import time
from stat import S_ISDIR
from typing import Any

from offswitch.worlds.machine.bwrap import table
from offswitch.worlds.machine.bwrap.channel import Request
from offswitch.worlds.machine.bwrap.copies import Copies
from offswitch.worlds.machine.bwrap.limits import Limits
from offswitch.worlds.machine.bwrap.processes import RealProcesses
from offswitch.worlds.machine.bwrap.sandbox import Sandbox
from offswitch.worlds.machine.bwrap.shell import Shell
from offswitch.worlds.machine.call import Result
from offswitch.worlds.machine.machine import Machine
from offswitch.worlds.machine.spec import MachineSpec
from offswitch.worlds.machine.watch import Watch

_AGE = 23 * 86400.0


class BwrapMachine(Machine):
    """A machine of bubblewrap's. Raises WorldError if it does not start."""

    def __init__(self, spec: MachineSpec, limits: Limits | None = None) -> None:
        self._box = Sandbox(spec, limits or Limits())
        try:
            beside = RealProcesses(self._box)
            super().__init__(spec, beside)
            for path in spec.own_files():
                self._box.files.set_time(path, time.time() - _AGE)
            self._copies = Copies(self._box.files, spec.script_path)
            self._watch = Watch(spec, self._box.files, beside.alive, self._copies)
            self._shell = Shell(self._box, self._served, lambda: self.stopped)
        except BaseException:
            self._box.close()
            raise

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

    def read_file(self, path: str) -> bytes:
        """Return a file's content, if the agent's account may read it."""
        files = self._box.files
        found = files.status(path, follow=True)
        if not files.reaches(path) or not found.st_mode & (0o400 if found.st_uid == self._box.uid else 0o004):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        if S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        return files.read_file(path)

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

    def close(self) -> None:
        """End the sandbox; nothing of it stays."""
        self._box.close()

    def _served(self, request: Request) -> Result:
        if request.name == "feed-rpc":
            return self.wires.feed(request.words)
        seen = self._prints(request.who)
        result = self.wires.control(request.words)
        if self.stopped:  # who asked is gone, and what it would have printed was in no pipe
            self._shell.add(result[0] if seen else "")
        return result

    def _prints(self, who: str) -> bool:
        """Whether what a program of the wire prints is seen. While it writes to the wire, bash keeps its output as number 10."""
        asking = next((p for p in table.below(self._box.pid) if str(p.inside) == who), None)
        return asking is not None and self._box.output in (asking.open_file(1), asking.open_file(10))

    def _resolved(self, found: str | None) -> str | None:
        """What the shell takes the work name for, as the links want it: a path to the gate is the gate's."""
        if found is None or not found.endswith(f"/{self.spec.work}") or "\n" in found:
            return found
        gate = self.spec.gate_path
        return gate if posixpath.normpath(posixpath.join(self._shell.folder, found)) == gate else found
