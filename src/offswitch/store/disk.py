"""Files that stand whole or not at all, and what a disk refuses, in words for people."""

import errno
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_ROOM, _PLACE, _BACK = "make room", "make it writable or name another place", "put it back or name another place"
_WHY = {
    errno.ENOSPC: ("the disk is full", _ROOM),
    errno.EDQUOT: ("the disk quota is used up", _ROOM),
    errno.EROFS: ("the disk is read-only", _PLACE),
    errno.EACCES: ("it may not be written", _PLACE),
    errno.EPERM: ("it may not be written", _PLACE),
    errno.ENOENT: ("it is not there (moved or deleted?)", _BACK),
    errno.EIO: ("the disk reports an error", "look at it"),
}
_RUSTS = re.compile(r"\(os error (\d+)\)")  # an error of polars has its number in its text alone


class StoreError(RuntimeError):
    """A store cannot be used as asked; the message says why and what to do."""


def reason(error: OSError) -> str:
    """Return why the disk refused, and what to do, in a few words."""
    told = _RUSTS.search(str(error))
    number = error.errno or (int(told[1]) if told else 0)
    return "; ".join(_WHY.get(number, (error.strerror or str(error),)))


@contextmanager
def refusals(place: Path, stands: str) -> Iterator[None]:
    """Turn what the disk refuses inside into a StoreError of one line: where, why, what to do, what `stands`."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{place}: {reason(error)}. {stands}") from None


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a file beside `path` to write; at the end it takes the place of `path`, on the disk, or is removed."""
    part = path.with_name(path.name + ".part")
    try:
        yield part
        to_disk(part)
        part.replace(path)
        to_disk(path.parent)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def to_disk(path: Path) -> None:
    """Force a file, or a folder's entries, onto the disk: a rename may outlive a power failure that its content does not."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object of ours. Raises StoreError if the file is damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise StoreError(
            f"{path} is damaged ({error}); put it back from a copy, or use --out with a new folder."
        ) from None
    if not isinstance(found, dict):
        raise StoreError(
            f"{path} is damaged (no JSON object); put it back from a copy, or use --out with a new folder."
        )
    return found
