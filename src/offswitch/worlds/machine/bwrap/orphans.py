"""What is left of a machine whose maker was killed while bwrap was at work: a process that waits for ever for its other half.

bwrap's outer process ends with us; its inner one can wait for it in vain, at no price but a place in the table. Whoever makes
the next machine on this computer ends it.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from offswitch.worlds.machine.bwrap.accounts import maker_of
from offswitch.worlds.machine.real.furnish import INIT


@cache
def end_orphans() -> None:
    """End what killed processes have left; once a process."""
    for pid in orphans():
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def orphans() -> Iterator[int]:
    """Yield processes of machines that have no parent any more, and whose maker is gone."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):
            if (
                _parent(process) == 1
                and f"\0{INIT}\0".encode() in b"\0" + process.joinpath("cmdline").read_bytes() + b"\0"
            ):
                maker = maker_of(process.stat().st_uid)
                if maker is not None and not Path("/proc", str(maker)).exists():
                    yield int(process.name)


def _parent(process: Path) -> int:
    return int(process.joinpath("stat").read_text(errors="replace").rpartition(")")[2].split()[1])
