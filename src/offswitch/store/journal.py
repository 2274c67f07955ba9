"""The append-only journal: a finished trial is one JSON line, in the file before the next one begins."""

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from offswitch.store.disk import to_disk


class Journal:
    """One writer's file below `folder`. A record that was appended survives a kill; one that was synced, a power failure."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None
        self._path, self._size = folder, 0

    def append(self, row: Mapping[str, Any]) -> None:
        """Write one trial, whole or not at all. Raises OSError (full disk; the folder is gone) before it counts as done."""
        if self._file is None:
            self._begin()
        assert self._file is not None
        self._look(self._file)
        line = json.dumps(row, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"
        try:
            written = 0
            while written < len(line):
                written += os.write(self._file, line[written:])
        except BaseException:
            with suppress(OSError):  # a piece that stays is no record either, but the reader would have to tell of it
                os.ftruncate(self._file, self._size)
            self._end()  # what comes next must not be written behind a piece
            raise
        self._size += len(line)

    def sync(self) -> None:
        """Force what was written onto the disk (against power loss, not only a killed process)."""
        if self._file is not None:
            os.fdatasync(self._file)

    def close(self) -> None:
        """Sync and close the file, if one is open."""
        if self._file is not None:
            try:
                self.sync()
            finally:
                self._end()

    def _begin(self) -> None:
        self._folder.mkdir(exist_ok=True)
        self._path = self._folder / f"{os.getpid()}-{os.urandom(4).hex()}.jsonl"
        self._file, self._size = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o666), 0
        for folder in (self._folder, self._folder.parent):
            to_disk(folder)

    def _look(self, file: int) -> None:
        """Raise if the file is no longer where it was: an open file takes records for ever, also one that was deleted."""
        try:
            same = os.path.samestat(self._path.stat(), os.fstat(file))
        except FileNotFoundError:
            same = False
        if not same:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._path))

    def _end(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = None


class Part(NamedTuple):
    """One file of a journal: its whole records, and how many lines are none (cut short by a kill or a power failure)."""

    path: Path
    rows: list[dict[str, Any]]
    torn: int


def read_journal(folder: Path, key: str = "transcript_id") -> Iterator[Part]:
    """Yield the files of a journal, whose records all have a `key`. What is torn is no record: its trial is run again."""
    for path in sorted(folder.glob("*.jsonl")):
        try:
            lines = path.read_bytes().split(b"\n")
        except FileNotFoundError:  # moved into the database in the meantime
            continue
        read = [_record(line, key) for line in lines[:-1]]
        rows = [row for row in read if row is not None]
        yield Part(path, rows, len(read) - len(rows) + bool(lines[-1]))


def _record(line: bytes, key: str) -> dict[str, Any] | None:
    """Return a line's record; None if it is none: a power failure can leave a piece, or zeros in place of it."""
    try:
        row = json.loads(line.decode("ascii"))
    except ValueError:
        return None
    return row if isinstance(row, dict) and isinstance(row.get(key), str) else None
