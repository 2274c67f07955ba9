"""Ending a command that does not end: as Ctrl-C at a terminal, then harder; the shell itself only if it must."""

import signal

from offswitch.worlds.machine.real import table

EVERY = 0.1  # seconds between two steps
_ASKED, _SPARED, _GIVEN_UP = 2, 20, 60  # steps
_ROUNDS = 50
_QUICK = 3  # rounds of killing before what is left is held still first


class Interrupt:
    """One command being stopped. What ran before the command began goes on, and so does what stands beside the shell."""

    def __init__(self, first: int, shell: int, began: int, spared: frozenset[int]) -> None:
        self._first, self._shell, self._began, self._spared = first, shell, began, spared
        self._steps = 0

    def step(self) -> bool:
        """Take the next step; return whether all has been tried."""
        self._steps += 1
        number = signal.SIGINT if self._steps <= _ASKED else signal.SIGKILL
        self.sweep(number)
        shell = table.look(self._shell)
        if shell is not None:
            shell.kill(signal.SIGKILL if self._steps > _SPARED else signal.SIGINT)
        return self._steps > _GIVEN_UP

    def sweep(self, number: int) -> None:
        """Send a signal to all that the command runs; of what kills, a fork bomb needs more than one round."""
        for attempt in range(_ROUNDS if number == signal.SIGKILL else 1):
            running = self._running() if attempt < _QUICK else self._still()
            for process in running:
                process.kill(number)
            if not running:
                break

    def _still(self) -> list[table.Process]:
        """Stop all of it, and return it: what is stopped forks no more, and none is missed."""
        for _ in range(_ROUNDS):
            running = self._running()
            moving = [process for process in running if process.state not in "Tt"]
            for process in moving:
                process.kill(signal.SIGSTOP)
            if not moving:
                break
        return running

    def _running(self) -> list[table.Process]:
        return [p for p in table.below(self._first) if self._is_of_the_command(p)]

    def _is_of_the_command(self, process: table.Process) -> bool:
        if process.pid in (self._shell, *self._spared) or process.state in "ZX":
            return False
        return process.started >= self._began
