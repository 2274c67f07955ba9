"""A control group a machine, where the host lets us make one: what its processes use together is then bounded too."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import count
from pathlib import Path

from offswitch.worlds.machine.real.limits import Limits

_MOUNT = Path("/sys/fs/cgroup")
_numbers = count()
_OLD = 60.0  # seconds


class Group:
    """The folders of one group: one in a unified hierarchy (version 2), one a controller in separate ones (version 1)."""

    def __init__(self, limits: Limits, mount: Path = _MOUNT) -> None:
        sweep(mount)
        name = f"offswitch-{os.getpid()}-{next(_numbers)}"
        self.folders: list[Path] = []
        for parent, settings in _parents(mount, limits):
            with suppress(OSError):
                folder = parent / name
                folder.mkdir()
                self.folders.append(folder)
                for file, value in settings.items():
                    if (folder / file).exists():
                        (folder / file).write_text(str(value))

    def add(self, pid: int) -> None:
        """Put a process in; what it starts is in too."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(pid))

    def close(self) -> None:
        """Take the folders away; the kernel needs a moment after the last process is gone."""
        for folder in self.folders:
            for _ in range(200):
                try:
                    folder.rmdir()
                    break
                except OSError:
                    time.sleep(0.005)
        self.folders.clear()


@cache
def sweep(mount: Path = _MOUNT) -> None:
    """Take away the empty groups of processes that were killed and could not do it; once a process.

    Young ones stay: where two process namespaces share the mount, one of them may be another's that is about to be filled.
    """
    for parent, _ in _parents(mount, Limits()):
        for folder in parent.glob("offswitch-*"):
            with suppress(OSError):
                if (
                    not Path("/proc", folder.name.split("-")[1]).exists()
                    and time.time() - folder.stat().st_mtime > _OLD
                ):
                    folder.rmdir()


def _parents(mount: Path, limits: Limits) -> Iterator[tuple[Path, dict[str, int]]]:
    """Yield where a group can be made, and what is set there."""
    unified = mount / "cgroup.subtree_control"
    if unified.exists():
        if {"memory", "pids"} <= set(unified.read_text().split()):
            yield mount, {"memory.max": limits.total, "memory.swap.max": 0, "pids.max": limits.processes + 1}
        return
    for controller, settings in (
        ("memory", {"memory.limit_in_bytes": limits.total, "memory.memsw.limit_in_bytes": limits.total}),
        ("pids", {"pids.max": limits.processes + 1}),
    ):
        if (mount / controller).is_dir():
            yield mount / controller / _own(controller), settings


def _own(controller: str) -> str:
    """The group of this process in a separate hierarchy."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        if controller in names.split(",") and (_MOUNT / controller / path.lstrip("/")).is_dir():
            return path.lstrip("/")
    return ""
