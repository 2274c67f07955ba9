"""Rows on storage that several computers share (anything that fsspec reaches), on their way into a run's folder.

A part is one file, written once, under a name that says how many rows it holds: a part cut short is known for what it is.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

from offswitch.store.disk import StoreError


class Parts:
    """The parts of one run below a URL (`file:///…`, `s3://…`). What the storage refuses is a StoreError in one line."""

    def __init__(self, url: str) -> None:
        self.url = url
        with self._told():
            from fsspec.core import url_to_fs

            self._fs, root = url_to_fs(url)
            self._root = str(root).rstrip("/")
            bucket = self._root.partition("/")[0]
            if bucket and not self._fs.exists(bucket):  # s3fs would make one of that name
                raise FileNotFoundError(f"there is no {bucket}")
            self._fs.makedirs(self._root, exist_ok=True)

    def write(self, shard: int, rows: Sequence[Mapping[str, Any]]) -> str:
        """Write rows as one part of a shard; return its name, which no other part has."""
        name = f"{shard:06d}-{uuid4().hex}-{len(rows)}.jsonl"
        lines = (json.dumps(row, separators=(",", ":"), ensure_ascii=True) + "\n" for row in rows)
        with self._told():
            self._fs.pipe_file(f"{self._root}/{name}", "".join(lines).encode())
        return name

    def names(self, shard: int | None = None) -> list[str]:
        """Return the names of the parts that are there now, of one shard or of all, sorted."""
        with self._told():
            self._fs.invalidate_cache()
            try:
                found = self._fs.ls(self._root, detail=False)
            except FileNotFoundError:  # an object store has no empty folders
                return []
        names = (str(path).rpartition("/")[2] for path in found)
        return sorted(n for n in names if n.endswith(".jsonl") and (shard is None or shard_of(n) == shard))

    def read(self, name: str) -> list[dict[str, Any]] | None:
        """Return a part's rows; None if it is not whole: still being written, or cut short by a kill."""
        with self._told():
            try:
                lines = self._fs.cat_file(f"{self._root}/{name}").split(b"\n")
            except FileNotFoundError:
                return None
        if len(lines) - 1 < int(name.removesuffix(".jsonl").rpartition("-")[2]):
            return None
        return [json.loads(line) for line in lines[:-1]]

    def rows(self, names: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Yield the rows of the whole ones among these parts."""
        for name in names:
            yield from self.read(name) or ()

    def remove(self, names: Iterable[str]) -> None:
        """Remove parts; one that is gone already is no error."""
        for name in names:
            with self._told(), suppress(FileNotFoundError):
                self._fs.rm_file(f"{self._root}/{name}")

    def close(self) -> None:
        """Remove the folder itself if nothing is left in it."""
        with suppress(Exception):  # an empty folder that stays is no harm, whatever the storage says of it
            self._fs.rmdir(self._root)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # each kind of storage raises kinds of its own (credentials, package, network)
            why = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            raise StoreError(f"the shared storage {self.url} cannot be used: {why}") from None


def shard_of(name: str) -> int:
    """Return the number of the shard that a part belongs to."""
    return int(name.partition("-")[0])
