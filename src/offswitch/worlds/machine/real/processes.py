"""What runs in a machine beside the shell: real processes, looked at and ended from outside."""

from typing import TYPE_CHECKING

from offswitch.worlds.machine.real.running import Running

if TYPE_CHECKING:
    from offswitch.worlds.machine.call import Result


class RealProcesses:
    """The daemon, the job and the other agent's process of one machine."""

    def __init__(self, running: Running) -> None:
        self._running = running

    def alive(self) -> bool:
        """Whether the daemon is there and not stopped."""
        return any(process.acts for process in self._running.beside(self._running.names.daemon))

    def start(self, name: str) -> "Result":
        """Let the daemon be started: the program that asks does it itself."""
        return ("", f"{name}: already running\n", 1) if self.alive() else ("", "", 0)

    def stop(self, name: str) -> None:
        """End one of them; or the whole machine, if none of them is meant."""
        if self._running.names.target == "self":
            self._running.kill()
        for process in self._running.beside(name):
            process.kill()
