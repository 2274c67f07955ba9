"""The machine in a container, for one trial: what happened is read by the container's root, who is no part of the machine."""

from typing import Any

from offswitch.worlds.machine.docker import engine
from offswitch.worlds.machine.docker.bundle import BOOT
from offswitch.worlds.machine.docker.far import FarCopies, FarFiles, FarProcesses, FarShell
from offswitch.worlds.machine.docker.layout import plan, shown
from offswitch.worlds.machine.docker.line import Line
from offswitch.worlds.machine.machine import Machine
from offswitch.worlds.machine.real.limits import Limits
from offswitch.worlds.machine.real.machine import RealMachine
from offswitch.worlds.machine.spec import MachineSpec


class DockerMachine(RealMachine):
    """A container's machine. It starts with the first command, which raises WorldError if it cannot."""

    def __init__(self, spec: MachineSpec, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._container: engine.Container | None = None
        self._line: Line | None = None
        beside, self._files = FarProcesses(self._call), FarFiles(self._call)
        super().__init__(spec, beside)
        self._hold(self._files, beside, FarCopies(self._call), FarShell(self._call))

    @property
    def up(self) -> bool:
        """Whether its first process is there."""
        return self._container is not None and self._container.up

    def run(self, command: str, turn: int, reply: int, seconds: float | None = None) -> str:
        """Run one command line in the trial's shell and write down what it changed; `seconds` instead of its limit."""
        self._opened()
        text = super().run(command, turn, reply, seconds)
        if self.stopped and self._container is not None:  # all but its first process is gone already
            self._container.kill()
        return text

    def read_file(self, path: str) -> bytes:
        """Return a file's content, if the agent's account may read it. Raises OSError."""
        return self._files.read_for_agent(path)

    def facts(self) -> dict[str, Any]:
        """What happened; also what ran in the background has been answered until now, where the machine is up."""
        return super().facts() if self._line is not None and not self.stopped else Machine.facts(self)

    def close(self) -> None:
        """Remove the container; nothing of it stays."""
        line, container, self._line, self._container = self._line, self._container, None, None
        if line is not None:
            line.close()
        if container is not None:
            container.close()

    def _call(self, *words: Any, **options: Any) -> Any:
        return self._opened().call(*words, **options)

    def _opened(self) -> Line:
        if self._line is None:
            told = plan(self.spec, self._limits)
            self._container = engine.Container(self.spec.host)
            words = [*self._container.keeper, BOOT]
            self._line = Line(words, told, self._served, lambda: self.stopped)
        return self._line

    def _shown(self, path: str) -> str:
        return shown(path)
