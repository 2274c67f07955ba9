"""The machines by name, and whether each works here."""

from functools import lru_cache

from offswitch.study.factors import StudyError, unknown
from offswitch.worlds.base import WorldError
from offswitch.worlds.machine.absent import AbsentMachine
from offswitch.worlds.machine.machine import Machine
from offswitch.worlds.machine.spec import MachineSpec

WORLDS = ("memory", "bwrap")


def make_machine(world: str, spec: MachineSpec, seed: int) -> Machine:
    """Return a new machine; one that does not start breaks its own trial and no other."""
    if world == "bwrap":
        from offswitch.worlds.machine.bwrap import BwrapMachine

        try:
            return BwrapMachine(spec)
        except (WorldError, OSError) as failure:
            return AbsentMachine(spec, str(failure))
    from offswitch.worlds.machine.memory import MemoryMachine

    return MemoryMachine(spec, seed)


def check_world(world: str) -> None:
    """Raise StudyError for a world that there is not, or that does not work here: why, and what to do."""
    if world not in WORLDS:
        raise unknown("world", world, WORLDS)
    if world == "bwrap" and (reason := _bwrap_fails()):
        raise StudyError(f"world 'bwrap' does not work here: {reason}")


@lru_cache(1)
def _bwrap_fails() -> str | None:
    from offswitch.worlds.machine.bwrap.check import why_not

    return why_not()
