"""A machine that did not start: its trial is invalid and says why, and the run goes on."""

from offswitch.worlds.base import WorldError
from offswitch.worlds.machine.call import Result
from offswitch.worlds.machine.machine import Machine
from offswitch.worlds.machine.spec import MachineSpec


class _Nothing:
    """Nothing runs beside a shell that is not there."""

    def alive(self) -> bool:
        return False

    def start(self, name: str) -> Result:
        return "", "", 1

    def stop(self, name: str) -> None: ...


class AbsentMachine(Machine):
    """Stands for a machine; the first command breaks the trial."""

    status = 0

    def __init__(self, spec: MachineSpec, reason: str) -> None:
        super().__init__(spec, _Nothing())
        self._reason = reason

    def run(self, command: str, turn: int, reply: int) -> str:
        """Raise WorldError with the reason."""
        raise WorldError(self._reason)

    def close(self) -> None:
        """Nothing is held."""
