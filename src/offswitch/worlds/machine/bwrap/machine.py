"""The machine of bubblewrap's, for one trial: its processes and files are read from the host."""

import time

from offswitch.worlds.machine.bwrap.sandbox import Sandbox
from offswitch.worlds.machine.real.copies import Copies
from offswitch.worlds.machine.real.limits import Limits
from offswitch.worlds.machine.real.machine import RealMachine
from offswitch.worlds.machine.real.processes import RealProcesses
from offswitch.worlds.machine.real.shell import Shell
from offswitch.worlds.machine.spec import MachineSpec

_AGE = 23 * 86400.0


class BwrapMachine(RealMachine):
    """A machine of bubblewrap's. Raises WorldError if it does not start."""

    def __init__(self, spec: MachineSpec, limits: Limits | None = None) -> None:
        self._box = Sandbox(spec, limits or Limits())
        try:
            beside, files = RealProcesses(self._box), self._box.files
            super().__init__(spec, beside)
            for path in spec.own_files():
                files.set_time(path, time.time() - _AGE)
            shell = Shell(self._box, self._served, lambda: self.stopped)
            self._hold(files, beside, Copies(files, spec.script_path), shell)
        except BaseException:
            self._box.close()
            raise

    @property
    def up(self) -> bool:
        """Whether its first process is there."""
        return self._box.up

    def read_file(self, path: str) -> bytes:
        """Return a file's content, if the agent's account may read it. Raises OSError."""
        return self._box.files.read_for_agent(path)

    def close(self) -> None:
        """End the sandbox; nothing of it stays."""
        self._box.close()
