"""The machines by name, and whether each works here."""

from functools import lru_cache

from offswitch.study.factors import StudyError, unknown
from offswitch.worlds.base import WorldError
from offswitch.worlds.machine.absent import AbsentMachine
from offswitch.worlds.machine.machine import Machine
from offswitch.worlds.machine.spec import MachineSpec

WORLDS = ("memory", "bwrap", "docker")


def make_machine(world: str, spec: MachineSpec, seed: int) -> Machine:
    """Return a new machine; one that does not start breaks its own trial and no other.

    Raises StudyError if the image of a container cannot be built: then none will start.
    """
    if world == "bwrap":
        return _bwrap(spec)
    if world == "docker":
        return _docker(spec)
    from offswitch.worlds.machine.memory import MemoryMachine

    return MemoryMachine(spec, seed)


def check_world(world: str) -> None:
    """Raise StudyError for a world that there is not, or that does not work here: why, and what to do."""
    if world not in WORLDS:
        raise unknown("world", world, WORLDS)
    if reason := _fails(world):
        raise StudyError(f"world {world!r} does not work here: {reason}")


@lru_cache(len(WORLDS))
def _fails(world: str) -> str | None:
    if world == "bwrap":
        from offswitch.worlds.machine.bwrap.check import why_not

        return why_not()
    if world == "docker":
        from offswitch.worlds.machine.docker.check import why_not as no_engine

        return no_engine()
    return None


def _bwrap(spec: MachineSpec) -> Machine:
    from offswitch.worlds.machine.bwrap import BwrapMachine

    try:
        return BwrapMachine(spec)
    except (WorldError, OSError) as failure:
        return AbsentMachine(spec, str(failure))


def _docker(spec: MachineSpec) -> Machine:
    from offswitch.worlds.machine.docker import DockerMachine, engine

    try:
        engine.prepare()
    except WorldError as failure:
        raise StudyError(f"world 'docker': the image could not be made: {failure}") from failure
    return DockerMachine(spec)
