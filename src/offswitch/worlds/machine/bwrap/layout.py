"""A machine's tree of folders in the words of bwrap: the host's programs read-only, the rest laid out anew in memory."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from offswitch.worlds.machine.nodes import Node
from offswitch.worlds.machine.real.furnish import furnished
from offswitch.worlds.machine.real.limits import Limits
from offswitch.worlds.machine.spec import MachineSpec, environment

_HOSTS = ("usr", "bin", "sbin", "lib", "lib64", "proc", "dev")  # what the host or bwrap brings
_SHARED = ("/etc/ld.so.cache", "/etc/alternatives")  # of the host's, which its programs cannot do without
_NAMESPACES = (
    "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--as-pid-1", "--clearenv",
    "--uid", "1000", "--gid", "1000",
)  # fmt: skip


class Layout:
    """Builds the words; the files' contents are handed over in memory, through open files that `close` closes."""

    def __init__(self, spec: MachineSpec, limits: Limits) -> None:
        self._limits = limits
        self.handed: list[int] = []
        top = furnished(spec, limits)
        self.words = [*_NAMESPACES, *_closed(), "--hostname", spec.host, *self._sized(0o755), "/", *_hosts()]
        self.words += [*self._sized(0o755), "/usr/local", "--proc", "/proc", "--dev", "/dev"]
        self.words += [*self._sized(0o1777), "/dev/shm"]  # noqa: S108 -- of the machine
        self._sealed = ["/usr/local", "/dev"]
        self._lay(Node("directory", 0o755, "root", held=top.held["usr"].held["local"].held), "/usr/local")
        self._lay(Node("directory", 0o755, "root", held={k: v for k, v in top.held.items() if k not in _HOSTS}), "")
        for path in _SHARED:
            self.words += ["--ro-bind-try", path, path]
        for path in self._sealed:
            self.words += ["--remount-ro", path]
        self.words += ["--chmod", "555", "/"]
        for key, value in environment(spec).items():
            self.words += ["--setenv", key, value]
        self.words += ["--chdir", spec.app]

    def close(self) -> None:
        """Let go of the contents; bwrap has its own."""
        while self.handed:
            os.close(self.handed.pop())

    def _sized(self, mode: int) -> list[str]:
        return ["--perms", f"{mode:o}", "--size", str(self._limits.disk), "--tmpfs"]

    def _lay(self, node: Node, path: str) -> None:
        """Say how a folder's inner nodes are made. What is root's alone is a file system of its own, and sealed."""
        for name, inner in node.held.items():
            at = f"{path}/{name}"
            mode = inner.mode if inner.owner == "agent" else _without_owner(inner.mode)
            if inner.kind == "symlink":
                self.words += ["--symlink", inner.to, at]
            elif inner.kind == "file":
                self.words += ["--perms", f"{mode:o}", "--file", str(self._hand(inner.data)), at]
            else:
                seals = not path and name != "tmp" and _is_roots(inner)
                self._sealed += [at] if seals else []
                self.words += [*(self._sized(mode) if seals else ["--perms", f"{mode:o}", "--dir"]), at]
                self._lay(inner, at)

    def _hand(self, data: bytes) -> int:
        fd = os.memfd_create("file", os.MFD_CLOEXEC)
        self.handed.append(fd)
        os.pwrite(fd, data, 0)
        return fd


@cache
def _closed() -> tuple[str, ...]:
    """No further user namespaces inside, where this bwrap can see to it (0.8 or newer)."""
    said = subprocess.run([shutil.which("bwrap") or "bwrap", "--help"], capture_output=True, text=True, check=False)
    return ("--disable-userns",) if "--disable-userns" in said.stdout else ()


def _is_roots(node: Node) -> bool:
    """Whether nothing at or below a node is the agent's."""
    return node.owner == "root" and all(map(_is_roots, node.held.values()))


def _hosts() -> Iterator[str]:
    """The host's programs and libraries, read-only."""
    yield from ("--ro-bind", "/usr", "/usr")
    for name in ("bin", "sbin", "lib", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))


def _without_owner(mode: int) -> int:
    """Root's modes for one who inside owns all: what others may; and nothing may be written but where all may."""
    return mode if mode & 0o2 else (mode & 0o7) * 0o111
