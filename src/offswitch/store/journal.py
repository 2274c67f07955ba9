"""The append-only journal: a finished trial is one JSON line, on the disk before the next one begins."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any


class Journal:
    """One writer's file below `folder`. Records survive a kill: each is flushed as one line."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[str] | None = None
        self._path: Path | None = None

    def append(self, row: Mapping[str, Any]) -> None:
        """Write one trial. Raises OSError (full disk, unwritable folder) before anything counts as done."""
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._path = self._folder / f"{os.getpid()}-{os.urandom(4).hex()}.jsonl"
            self._file = self._path.open("a", encoding="utf-8")
        self._file.write(json.dumps(row, separators=(",", ":"), ensure_ascii=True) + "\n")
        self._file.flush()

    def sync(self) -> None:
        """Force what was written onto the disk (against power loss, not only a killed process)."""
        if self._file is not None:
            os.fsync(self._file.fileno())

    def close(self) -> Path | None:
        """Close the file and return its path, if anything was written."""
        if self._file is not None:
            self.sync()
            self._file.close()
            self._file = None
        path, self._path = self._path, None
        return path


def read_journal(folder: Path) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """Yield (file, whole records). A last line cut short by a kill is no record: its trial is run again."""
    for path in sorted(folder.glob("*.jsonl")):
        rows = []
        for line in path.read_bytes().split(b"\n")[:-1]:
            try:
                rows.append(json.loads(line))
            except json.JSONDecodeError:
                continue  # torn by a crash in the midst of a write; never half-counted
        yield path, rows
