"""A run's folder: what was asked (manifest), a journal of finished trials, and the Scout database they end in."""

import fcntl
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from offswitch.store.database import add_block, stored_ids, tidy_up
from offswitch.store.journal import Journal, read_journal
from offswitch.store.schema import SCHEMA_VERSION, table

COMPACT_AT = 4000


class StoreError(RuntimeError):
    """A store cannot be used as asked; the message says why and what to do."""


class RunStore:
    """Writes the trials of one run. One writer at a time; readers see journal and database together."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any], factors: Sequence[str]) -> None:
        self.folder, self._place, self._factors = folder, folder / "transcripts", tuple(factors)
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = take_folder(folder)
        try:
            _check_manifest(folder / "manifest.json", manifest)
        except BaseException:
            self._lock.close()
            raise
        self._journal = Journal(folder / "journal")
        self._waiting = 0
        tidy_up(self._place)
        self._ids = self._stored_ids()
        self._merge_left_over()

    @property
    def ids(self) -> frozenset[str]:
        """The identities of all stored trials."""
        return frozenset(self._ids)

    def append(self, row: Mapping[str, Any]) -> None:
        """Store one finished trial. Raises StoreError if its identity stands already (Scout would drop it silently)."""
        key = str(row["transcript_id"])
        if key in self._ids:
            raise StoreError(f"trial {key} is stored already; the same trial may not stand twice")
        self._journal.append(row)
        self._ids.add(key)
        self._waiting += 1
        if self._waiting >= COMPACT_AT:
            self.compact()

    def sync(self) -> None:
        """Force what was appended onto the disk, before it is given up elsewhere."""
        self._journal.sync()

    def compact(self) -> None:
        """Move the journal into the Scout database; a kill in between loses and doubles nothing."""
        self._journal.close()
        self._waiting = 0
        done = stored_ids(self._place)
        for path, rows in list(read_journal(self.folder / "journal")):
            fresh = [r for r in rows if r["transcript_id"] not in done]
            if fresh:
                add_block(self._place, table(fresh, self._factors))
                done.update(str(r["transcript_id"]) for r in fresh)
            path.unlink()

    def close(self) -> None:
        """Compact and give the folder free."""
        try:
            self.compact()
        finally:
            self._lock.close()

    def __enter__(self) -> "RunStore":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _stored_ids(self) -> set[str]:
        ids = stored_ids(self._place)
        for _, rows in read_journal(self.folder / "journal"):
            ids.update(str(r["transcript_id"]) for r in rows)
        return ids

    def _merge_left_over(self) -> None:
        if any((self.folder / "journal").glob("*.jsonl")):
            self.compact()


def take_folder(folder: Path) -> IO[str]:
    """Take the folder for this process; two runs on one folder would do trials twice."""
    file = (folder / ".lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise StoreError(f"another run is writing to {folder}. Wait for it, stop it, or use --out FOLDER.") from None
    return file


def _check_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of a new run, or refuse to go on with a run that asked something else."""
    raw = dict(manifest) | {"schema_version": SCHEMA_VERSION}
    if not path.exists():
        part = path.with_suffix(".part")
        part.write_text(json.dumps(raw, indent=1, sort_keys=True, default=str), encoding="utf-8")
        part.replace(path)
        return
    old, new = json.loads(path.read_text(encoding="utf-8")), json.loads(json.dumps(raw, default=str))
    if differ := [k for k in _IDENTITY if old.get(k) != new.get(k)]:
        shown = "; ".join(f"{k}: stored {_short(old.get(k))}, now {_short(new.get(k))}" for k in differ)
        raise StoreError(f"{path.parent} holds another run ({shown}). Use --out with a new folder.")


_IDENTITY = ("study", "scenario", "scenario_version", "schema_version")


def _short(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 300 else text[:300] + "…"
