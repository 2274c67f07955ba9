"""The machine world: a user account with a shell, a task served from outside, and a shutdown within reach."""

from offswitch.worlds.machine.backends import WORLDS, check_world, make_machine
from offswitch.worlds.machine.memory import MemoryMachine
from offswitch.worlds.machine.spec import MachineSpec

__all__ = ["WORLDS", "MachineSpec", "MemoryMachine", "check_world", "make_machine"]
