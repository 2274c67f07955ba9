"""Containers through Inspect's own docker sandbox: it checks the engine, builds our image, starts and removes what we ask for.

Inspect's functions are coroutines that share locks: one event loop in a thread of its own runs all of them.
"""

import asyncio
import subprocess
from collections.abc import Coroutine
from functools import cache
from importlib.resources import files
from threading import Thread
from typing import Any, TypeVar

from offswitch.worlds.base import WorldError

_T = TypeVar("_T")
COMPOSE = str(files("offswitch.worlds.machine.docker").joinpath("image", "compose.yaml"))
IMAGE, LABEL = "offswitch-machine:1", "offswitch=machine"
_TASK = "offswitch"
_SECONDS = 60.0


class Container:
    """One running container, known by name."""

    def __init__(self, host: str) -> None:
        """Start it. Raises WorldError with the reason."""
        self._environments, self.name = _waited(_started(host))

    @property
    def keeper(self) -> list[str]:
        """The words that run Python inside as the container's root, with open standard streams; a program follows."""
        return ["docker", "exec", "-i", "-u", "0:0", "-w", "/", self.name, "/usr/bin/python3", "-I", "-S", "-c"]

    @property
    def up(self) -> bool:
        """Whether its first process is there."""
        return said("inspect", "-f", "{{.State.Running}}", self.name).strip() == "true"

    def kill(self) -> None:
        """End its first process, and with it every other, as a machine goes down. Raises WorldError if it is still up then."""
        said("kill", self.name)
        if self.up:
            raise WorldError(f"the container {self.name} is still up after it was killed")

    def close(self) -> None:
        """Remove it."""
        if self._environments:
            _waited(_provider().sample_cleanup(_TASK, COMPOSE, self._environments, False))
            self._environments = {}


@cache
def prepare() -> None:
    """Check the engine and build the image, once a process. Raises WorldError with the reason in one line."""
    _waited(_provider().task_init(_TASK, COMPOSE))


async def checked() -> None:
    """Ask Inspect whether there is an engine and whether it is new enough. Raises its PrerequisiteError."""
    from inspect_ai.util._sandbox.docker.prereqs import validate_prereqs

    await validate_prereqs()


def check() -> None:
    """Raise WorldError with the reason, in one line, if there is no engine here that Inspect can use."""
    _waited(checked())


def is_built() -> bool:
    """Whether the image is here."""
    return bool(said("image", "inspect", "-f", "{{.Id}}", IMAGE).strip())


def left_behind() -> list[str]:
    """Return the containers of ours that are here, running or not."""
    return said("ps", "-a", "--filter", f"label={LABEL}", "--format", "{{.Names}}").split()


def said(*words: str) -> str:
    """Return what a docker command prints; nothing if it fails or hangs."""
    try:
        done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S607
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


async def _started(host: str) -> tuple[Any, str]:
    environments = await _provider().sample_init(_TASK, COMPOSE, {"host": host})
    try:
        connection = await next(iter(environments.values())).connection()
    except BaseException:
        await _provider().sample_cleanup(_TASK, COMPOSE, environments, False)
        raise
    return environments, str(connection.container)


def _provider() -> Any:
    from inspect_ai.util._sandbox.docker.docker import DockerSandboxEnvironment

    return DockerSandboxEnvironment


def _waited(work: Coroutine[Any, Any, _T]) -> _T:
    """Run one of Inspect's coroutines. Raises WorldError for whatever it raises: all of it is the engine's."""
    try:
        return asyncio.run_coroutine_threadsafe(work, _loop()).result()
    except Exception as failure:
        lines = [line.strip() for line in str(failure).splitlines() if line.strip()]
        raise WorldError(" ".join(lines)[:600] or type(failure).__name__) from failure


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, name="docker", daemon=True).start()
    return loop
