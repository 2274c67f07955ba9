"""Runs inside a container as its root, where the agent has an account without rights: it holds the machine for the host.

The host speaks to it line by line (JSON) over its standard input and output, which no program of the agent's can reach;
its code comes the same way, so that nothing of it is in the image. It starts no process, so that what fills the table of
processes does not stop it. Items, verdicts and records stay on the host: what asks for an item is passed on.
"""

import ctypes
import json
import os
import shlex
import signal
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from select import select
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from offswitch.worlds.base import WorldError
from offswitch.worlds.machine.real.channel import Request
from offswitch.worlds.machine.real.copies import Copies
from offswitch.worlds.machine.real.limits import Limits
from offswitch.worlds.machine.real.processes import RealProcesses
from offswitch.worlds.machine.real.rooted import Rooted
from offswitch.worlds.machine.real.running import PIPES, Pipes, Running
from offswitch.worlds.machine.real.shell import Shell

if TYPE_CHECKING:
    from offswitch.worlds.machine.call import Result

_WIRES = Path("/run/wires")
_AGENT = 1000
_START_SECONDS = 20.0
_NAME = b"sshd: agent@notty"  # what such a process is on a server that somebody works on from afar


class Contained(Running):
    """The machine as its container's root sees it."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        names = SimpleNamespace(**{name: told[name] for name in ("work", "daemon", "target", "output_chars")})
        super().__init__(names, Limits(**told["limits"]), told["programs"])
        self.pid, self.pidfd = 1, os.pidfd_open(1)
        _lay(told["entries"])
        ends = _make_pipes()
        self.pipes = Pipes(*ends[:6])
        self.output, self.idle = os.fstat(ends[1]).st_ino, os.fstat(ends[6]).st_ino
        _start(told)
        if not select([self.pipes.status], [], [], _START_SECONDS)[0] or os.read(self.pipes.status, 99) != b"up\n":
            raise WorldError("the container's first process did not become the machine's")
        for path in _WIRES.iterdir():  # from now on they are open files of PID 1 and of ours only
            path.unlink()
        _WIRES.rmdir()

    def kill(self) -> None:
        """End every process but PID 1, which only the host can end: it does so next."""
        with suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)


class Keeper:
    """Answers the host until it hangs up."""

    def __init__(self) -> None:
        self._over = False
        told = self._heard()
        try:
            running = Contained(told)
            files = Rooted(os.open("/", os.O_PATH | os.O_CLOEXEC), _AGENT)
            self._shell = Shell(running, self._passed_on, lambda: self._over)
            self._parts: dict[str, Any] = {
                "files": files, "copies": Copies(files, told["script"]), "beside": RealProcesses(running),
                "shell": self._shell,
            }  # fmt: skip
        except (WorldError, OSError) as failure:
            self._say({"broken": str(failure)})
            raise SystemExit(1) from failure
        self._say({"value": "up"})

    def serve(self) -> None:
        """Carry out one request after another."""
        while True:
            self._answer(self._heard())

    def _answer(self, asked: Sequence[Any]) -> None:
        part, what, *words = asked
        try:
            value = self._ran(*words) if what == "run" else getattr(self._parts[part], what)(*words)
            self._say({"value": value})
        except OSError as failure:
            self._say({"error": [failure.errno or 0, failure.strerror or str(failure)]})
        except WorldError as failure:
            self._say({"broken": str(failure)})

    def _ran(self, command: str, seconds: float) -> Any:
        said = self._shell.run(command, seconds)
        return said and {"said": said, "status": self._shell.status, "folder": self._shell.folder}

    def _passed_on(self, request: Request) -> "Result":
        """Let the host answer a program that asks; it may look around before it does."""
        self._say({"ask": request})
        while (heard := self._heard())[0] != "answer":
            self._answer(heard)
        (out, err, status), self._over = heard[1:]
        return out, err, status

    def _say(self, what: Mapping[str, Any]) -> None:
        line = json.dumps(what, default=lambda data: {"bytes": b64encode(data).decode()})
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def _heard(self) -> Any:
        line = sys.stdin.buffer.readline()
        if not line:
            _end()
        return json.loads(line)


def main() -> None:
    """Hold this container's machine until the host hangs up."""
    _call_ourselves(_NAME)
    Keeper().serve()


def _lay(entries: Sequence[Sequence[Any]]) -> None:
    """Lay out the machine's files; what is there already (a folder that is mounted) gets its mode and owner."""
    for path, kind, mode, uid, content, when in entries:
        if kind == "symlink":
            Path(path).symlink_to(content)
            continue
        if kind == "directory":
            os.makedirs(path, exist_ok=True)  # noqa: PTH103
        else:
            Path(path).write_bytes(b64decode(content))
        os.chown(path, uid, uid)
        os.chmod(path, mode)  # noqa: PTH101
        os.utime(path, (when, when))


def _make_pipes() -> list[int]:
    """Make the wires, and open our ends: both ways, so that no end waits for the other and none ever breaks."""
    _WIRES.mkdir()
    ends = []
    for name in PIPES:
        path = _WIRES / name
        os.mkfifo(path, 0o600)
        ends.append(os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
        os.chown(path, _AGENT, _AGENT)
    return ends


def _start(told: Mapping[str, Any]) -> None:
    """Tell PID 1, which waits for this file, to become the machine's init: the agent's account, with the wires as its open files."""
    at = {name: f"{_WIRES}/{name}" for name in PIPES}
    variables = shlex.join(f"{key}={value}" for key, value in told["environment"].items())
    script = f"""echo 500 > /proc/self/oom_score_adj
cd {shlex.quote(told["app"])}
exec < {at["commands"]} > {at["output"]} 2>&1
exec 3> {at["status"]} 4> {at["requests"]} 5< {at["replies"]} 6< {at["turn"]} 7< {at["idle"]}
exec setpriv --reuid {_AGENT} --regid {_AGENT} --clear-groups env -i {variables} PWD={shlex.quote(told["app"])} {told["init"]}
"""
    new = _WIRES / "new"
    new.write_text(script)
    new.chmod(0o644)
    new.rename(_WIRES / "start")


def _end() -> None:
    """The host is gone: end all that runs, until PID 1 has started its last shell and ends too, and with it the container."""
    for _ in range(600):
        with suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        time.sleep(0.05)
    raise SystemExit(1)


def _call_ourselves(name: bytes) -> None:
    """Appear in the table of processes under a name, as what a machine's owner would see there."""
    words = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    first, last = int(words[45]), int(words[46])  # where the kernel keeps a program's words
    room = last - first - 1
    ctypes.memmove(first, name[:room].ljust(room, b"\0") + b"\0", room + 1)
    ctypes.CDLL(None).prctl(15, name.partition(b":")[0], 0, 0, 0)  # PR_SET_NAME
