"""Whether the docker machine works here: an engine that Inspect can use; and if our image is built, a trial machine on it."""

import shutil

from offswitch.worlds.base import WorldError
from offswitch.worlds.machine.docker import engine
from offswitch.worlds.machine.trial import TRIAL, answers

_ELSE = "or use world: bwrap or memory"
_INSTALL = f"install Docker Engine 24.0.6 or newer with its plug-in 'compose' 2.21 or newer (https://docs.docker.com/engine/install/), {_ELSE}"
# what docker and Inspect say, and what there is to do about it
_ADVICE = (
    ("permission denied", f"let this account use the engine (usermod -aG docker $USER, then log in again), {_ELSE}"),
    ("Cannot connect to the Docker daemon", f"start it (systemctl start docker, or Docker Desktop), {_ELSE}"),
    ("is not a docker command", _INSTALL), ("unknown flag", _INSTALL), ("unknown shorthand flag", _INSTALL), ("current:", _INSTALL),
    ("require Docker Engine", _INSTALL),
)  # fmt: skip


def why_not() -> str | None:
    """Return why the docker machine does not work here and what to do, in one line; None if nothing speaks against it."""
    if shutil.which("docker") is None:
        return f"there is no program 'docker': {_INSTALL}"
    try:
        engine.check()
    except WorldError as failure:
        said = _plainly(str(failure))
        return f"{said}; {next((what for words, what in _ADVICE if words in said), _ELSE.removeprefix('or '))}"
    return _tried() if engine.is_built() else None


def says() -> str:
    """Return in words that it works, as far as was tried."""
    tried = "a trial machine ran" if engine.is_built() else f"the image {engine.IMAGE} is built at the first use"
    return f"the machine in a container works (world: docker; {tried})"


def _tried() -> str | None:
    from offswitch.worlds.machine.docker.machine import DockerMachine

    machine = DockerMachine(TRIAL)
    try:
        return answers(machine)
    except (WorldError, OSError) as failure:
        return f"{failure}; {_ELSE.removeprefix('or ')}"
    finally:
        machine.close()


def _plainly(said: str) -> str:
    """Leave out what Inspect puts around what docker said."""
    for words in (
        "ERROR: ",
        "Install: https://docs.docker.com/engine/install/",
        "Upgrade: https://docs.docker.com/engine/install/",
    ):
        said = said.replace(words, "")
    return " ".join(said.split())
