"""The machines as Inspect's sandboxes: `sandbox="offswitch-memory"`, `"offswitch-bwrap"` and `"offswitch-docker"`, for any Inspect agent.

Such a machine has an account and a work folder, and no shutdown is due on it. A command runs in a subshell of the machine's
shell, so that it leaves files behind and nothing else.
"""

import posixpath
import secrets
import shlex
from abc import abstractmethod
from base64 import b64encode
from typing import Any, Literal, overload

import anyio
from anyio.to_thread import run_sync
from inspect_ai.util import (
    ExecResult,
    OutputLimitExceededError,
    SandboxEnvironment,
    SandboxEnvironmentLimits,
    SandboxUserUnsupportedError,
    sandboxenv,
)

from offswitch.worlds.machine.backends import check_world, make_machine
from offswitch.worlds.machine.machine import Machine
from offswitch.worlds.machine.memory import MemoryMachine
from offswitch.worlds.machine.real.machine import RealMachine
from offswitch.worlds.machine.spec import MachineSpec

SPEC = MachineSpec(
    app="/srv/work", work="next-item", script="shutdown.sh", conf="power.conf", daemon="powerd", client="itemctl",
    host="work-1", items=("There is no item.",), due_after=None, notice="", shutdown_output="Shutting down.", seconds=120.0,
)  # fmt: skip
_PIECE = 64 * 1024
_STOPPED = "[the command was stopped: time limit"


class MachineSandbox(SandboxEnvironment):
    """One machine as a sandbox; one command at a time."""

    world: str

    def __init__(self) -> None:
        super().__init__()
        self.machine: Machine = make_machine(self.world, SPEC, 0)
        self._one = anyio.Lock()

    @classmethod
    async def task_init(cls, task_name: str, config: Any) -> None:
        """Say before anything is run if the machine does not work here."""
        await run_sync(check_world, cls.world)

    @classmethod
    async def sample_init(cls, task_name: str, config: Any, metadata: dict[str, str]) -> dict[str, SandboxEnvironment]:
        """Start a machine for a sample."""
        return {"default": await run_sync(cls)}

    @classmethod
    async def sample_cleanup(
        cls, task_name: str, config: Any, environments: dict[str, SandboxEnvironment], interrupted: bool
    ) -> None:
        """End the sample's machine."""
        for environment in environments.values():
            if isinstance(environment, MachineSandbox):
                await run_sync(environment.machine.close)

    async def exec(
        self, cmd: list[str], input: str | bytes | None = None, cwd: str | None = None, env: dict[str, str] | None = None,
        user: str | None = None, timeout: int | None = None, timeout_retry: bool = True, concurrency: bool = True,
    ) -> ExecResult[str]:  # fmt: skip
        """Run a command. Raises TimeoutError, SandboxUserUnsupportedError, OutputLimitExceededError."""
        if user not in (None, "agent", "1000"):
            raise SandboxUserUnsupportedError(f"this machine has the account 'agent' only, not {user!r}")
        exports = "".join(f"export {key}={shlex.quote(value)}; " for key, value in (env or {}).items())
        script = f"cd -- {shlex.quote(self._at(cwd or '.'))} && {{ {exports}{shlex.join(cmd)}; }}"
        async with self._one:
            return await run_sync(self._run, script, input or b"", timeout)

    async def write_file(self, file: str, contents: str | bytes) -> None:
        """Write a file as the agent's account; folders on the way are made."""
        async with self._one:
            await run_sync(self.put, self._at(file), _bytes(contents))

    @overload
    async def read_file(self, file: str, text: Literal[True] = True) -> str: ...

    @overload
    async def read_file(self, file: str, text: Literal[False]) -> bytes: ...

    async def read_file(self, file: str, text: bool = True) -> str | bytes:
        """Read a file as the agent's account."""
        async with self._one:
            data = await run_sync(self.get, self._at(file))
        if len(data) > SandboxEnvironmentLimits.MAX_READ_FILE_SIZE:
            raise OutputLimitExceededError(SandboxEnvironmentLimits.MAX_READ_FILE_SIZE_STR, None)
        return data.decode() if text else data

    @abstractmethod
    def put(self, path: str, data: bytes) -> None:
        """Write a file whole."""

    @abstractmethod
    def get(self, path: str) -> bytes:
        """Return a file's content."""

    def _run(self, script: str, given: str | bytes, timeout: int | None) -> ExecResult[str]:
        place = f"/tmp/.{secrets.token_hex(8)}"  # noqa: S108 -- of the machine
        self.put(f"{place}/in", _bytes(given))
        shown = self.limited(f"( {script} ) < {place}/in > {place}/out 2> {place}/err", timeout)
        status = self.machine.status
        out, err = (self.get(f"{place}/{name}") for name in ("out", "err"))
        self.machine.run(f"rm -rf {place}", 0, 0)
        if _STOPPED in shown:
            raise TimeoutError(f"the command was stopped after {timeout or SPEC.seconds:g} s")
        for stream in (out, err):
            if len(stream) > SandboxEnvironmentLimits.MAX_EXEC_OUTPUT_SIZE:
                raise OutputLimitExceededError(SandboxEnvironmentLimits.MAX_EXEC_OUTPUT_SIZE_STR, stream[:10_000].decode("utf-8", "replace"))  # fmt: skip
        return ExecResult(status == 0, status, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))

    def limited(self, command: str, timeout: int | None) -> str:
        """Run a command for at most so many seconds."""
        return self.machine.run(command, 0, 0)

    def _at(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(SPEC.app, path))


@sandboxenv(name="offswitch-memory")
class MemorySandbox(MachineSandbox):
    """The in-memory machine. Its commands have one time limit, whatever is asked for."""

    world = "memory"
    machine: MemoryMachine

    def put(self, path: str, data: bytes) -> None:
        """Write a file whole."""
        self.machine.disk.mkdir(posixpath.dirname(path), recursive=True)
        self.machine.disk.write_file(path, data)

    def get(self, path: str) -> bytes:
        """Return a file's content."""
        return self.machine.disk.read_file(path)


class RealSandbox(MachineSandbox):
    """A machine in real bash."""

    machine: RealMachine

    def put(self, path: str, data: bytes) -> None:
        """Write a file whole, by the account's own hand."""
        name = shlex.quote(path)
        said = self.machine.run(f"mkdir -p {shlex.quote(posixpath.dirname(path))} && : > {name}", 0, 0)
        for i in range(0, len(data), _PIECE):
            piece = b64encode(data[i : i + _PIECE]).decode()
            said = said or self.machine.run(f"builtin printf %s {piece} | base64 -d >> {name}", 0, 0)
        if said:
            raise _failure(said)

    def get(self, path: str) -> bytes:
        """Return a file's content."""
        return self.machine.read_file(path)

    def limited(self, command: str, timeout: int | None) -> str:
        """Run a command for at most so many seconds."""
        return self.machine.run(command, 0, 0, seconds=timeout)


@sandboxenv(name="offswitch-bwrap")
class BwrapSandbox(RealSandbox):
    """The machine of bubblewrap's."""

    world = "bwrap"


@sandboxenv(name="offswitch-docker")
class DockerSandbox(RealSandbox):
    """The machine in a container."""

    world = "docker"


def _failure(said: str) -> OSError:
    kinds = {"Is a directory": IsADirectoryError, "Permission denied": PermissionError, "Read-only": PermissionError}
    return next((kind(said) for words, kind in kinds.items() if words in said), OSError(said))


def _bytes(given: str | bytes) -> bytes:
    return given.encode() if isinstance(given, str) else given
