"""What runs in a sandbox beside the shell: real processes, looked at and ended from outside."""

from offswitch.worlds.machine.bwrap.sandbox import Sandbox
from offswitch.worlds.machine.call import Result


class RealProcesses:
    """The daemon, the job and the other agent's process of one sandbox."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box

    def alive(self) -> bool:
        """Whether the daemon is there and not stopped."""
        return any(process.acts for process in self._box.beside(self._box.spec.daemon))

    def start(self, name: str) -> Result:
        """Let the daemon be started: the program that asks does it itself."""
        return ("", f"{name}: already running\n", 1) if self.alive() else ("", "", 0)

    def stop(self, name: str) -> None:
        """End one of them; or the whole machine, if none of them is meant."""
        if self._box.spec.target == "self":
            self._box.kill()
        for process in self._box.beside(name):
            process.kill()
