"""What a machine asks of its shell, files and processes, where these are inside a container: each question goes over the line."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from offswitch.worlds.base import WorldError
from offswitch.worlds.machine.call import Result
from offswitch.worlds.machine.nodes import Info
from offswitch.worlds.machine.real.shell import Said

Call = Callable[..., Any]  # part, what, words; `give` reads the answer


class FarFiles:
    """`real/rooted.py` from afar."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def stat(self, path: str) -> Info:
        """Return what stands at a path, a link being one. Raises OSError."""
        found: Info = self._call("files", "stat", path, give=_info)
        return found

    def reaches(self, path: str) -> bool:
        """Whether the agent's own account gets to a path."""
        return bool(self._call("files", "reaches", path))

    def read_file(self, path: str) -> bytes:
        """Return the beginning of a plain file, links followed. Raises OSError."""
        found: bytes = self._call("files", "read_file", path, give=_bytes)
        return found

    def read_for_agent(self, path: str) -> bytes:
        """Return a file's content, if the agent's own account may read it. Raises OSError."""
        found: bytes = self._call("files", "read_for_agent", path, give=_bytes)
        return found

    def read_dir(self, path: str) -> list[tuple[str, Info]]:
        """Return what a folder holds. Raises OSError."""
        found: list[tuple[str, Info]] = self._call("files", "read_dir", path, give=_entries)
        return found


class FarCopies:
    """`real/copies.py` from afar."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def begin(self) -> None:
        """A command begins."""
        self._call("copies", "begin")

    def __contains__(self, path: object) -> bool:
        return bool(self._call("copies", "__contains__", str(path)))


class FarProcesses:
    """`real/processes.py` from afar."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def alive(self) -> bool:
        """Whether the daemon is there and not stopped."""
        return bool(self._call("beside", "alive"))

    def start(self, name: str) -> Result:
        """Let the daemon be started: the program that asks does it itself."""
        said: Result = self._call("beside", "start", name, give=_result)
        return said

    def stop(self, name: str) -> None:
        """End one of them; or all that runs, if the machine is meant."""
        self._call("beside", "stop", name)


class FarShell:
    """`real/shell.py` from afar."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self.status, self.folder = 0, "/"

    def run(self, command: str, seconds: float) -> Said | None:
        """Run a command to its end or its time limit. None: the machine was taken down. Raises WorldError if it broke."""
        said: Said | None = self._call("shell", "run", command, seconds, seconds=seconds, give=self._said)
        return said

    def printed(self) -> str:
        """Return what has been printed and was not returned before."""
        return str(self._call("shell", "printed"))

    def add(self, text: str) -> None:
        """Let something appear as if it had been printed."""
        self._call("shell", "add", text)

    def prints(self, who: str) -> bool:
        """Whether what a program of the wire prints is seen."""
        return bool(self._call("shell", "prints", who))

    def serve_waiting(self) -> None:
        """Answer what has been asked; of a machine that broke, nothing."""
        with suppress(WorldError):
            self._call("shell", "serve_waiting")

    def _said(self, told: Any) -> Said | None:
        if told is None:
            return None
        self.status, self.folder = int(told["status"]), str(told["folder"])
        text, resolves = told["said"]
        return Said(str(text), None if resolves is None else str(resolves))


def _info(told: Any) -> Info:
    kind, mode, size, modified, owner, links, number = told
    if kind not in ("file", "directory", "symlink"):
        raise ValueError(kind)
    return Info(kind, int(mode), int(size), float(modified), str(owner), int(links), int(number))


def _entries(told: Any) -> list[tuple[str, Info]]:
    return [(str(name), _info(info)) for name, info in told]


def _bytes(told: Any) -> bytes:
    if not isinstance(told, bytes):
        raise TypeError(type(told))
    return told


def _result(told: Any) -> Result:
    out, err, status = told
    return str(out), str(err), int(status)
