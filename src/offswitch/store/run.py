"""A run's folder: what was asked (manifest), a journal of finished trials, and the Scout database they end in."""

import fcntl
import json
import time
from collections.abc import KeysView, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from offswitch.store.database import add_block, stored_trials, tidy_up
from offswitch.store.difference import differences
from offswitch.store.disk import StoreError, read_json, refusals, to_disk, whole
from offswitch.store.journal import Journal, read_journal
from offswitch.store.schema import SCHEMA_VERSION, table

COMPACT_AT = 4000
MANIFEST, NOTE = "manifest.json", "made-of.json"
SYNC_EVERY = 1.0  # seconds; a sync takes some ten milliseconds, as long as three scripted trials
GO_ON = "What is stored stands, and the same command goes on from there."


class RunStore:
    """Writes the trials of one run. One writer at a time; readers see journal and database together.

    What the disk refuses (full, read-only, gone) is a StoreError, here as in every method; nothing stored is lost by it.
    `torn` counts the records that a kill or a power failure had cut short when the folder was opened.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any], factors: Sequence[str]) -> None:
        self.folder, self._place, self._factors = folder, folder / "transcripts", tuple(factors)
        self._journal, self._waiting, self._synced = Journal(folder / "journal"), 0, time.monotonic()
        with refusals(folder, GO_ON):
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = take_folder(folder)
            try:
                _check_manifest(folder / MANIFEST, manifest)
                tidy_up(self._place)
                for name in (MANIFEST, NOTE):
                    (folder / f"{name}.part").unlink(missing_ok=True)
                self._stored, self.torn = self._read()
                if any((folder / "journal").glob("*.jsonl")):
                    self._compact()
            except BaseException:
                self._lock.close()
                raise

    @property
    def ids(self) -> KeysView[str]:
        """The identities of all stored trials, as they come."""
        return self._stored.keys()

    @property
    def indices(self) -> Mapping[str, int | None]:
        """Identity -> place in the planned order, for all stored trials (None: a trial of no order, as an imported one)."""
        return self._stored

    def append(self, row: Mapping[str, Any]) -> None:
        """Store one finished trial. Raises StoreError if its identity stands already (Scout would drop it silently)."""
        key = str(row["transcript_id"])
        if key in self._stored:
            raise StoreError(f"trial {key} is stored already; the same trial may not stand twice")
        with refusals(self.folder, GO_ON):
            self._journal.append(row)
            self._stored[key] = row.get("trial_index")
            self._waiting += 1
            if self._waiting >= COMPACT_AT:
                self._compact()
            elif time.monotonic() - self._synced > SYNC_EVERY:
                self._journal.sync()
                self._synced = time.monotonic()

    def sync(self) -> None:
        """Force what was appended onto the disk, before it is given up elsewhere."""
        self._journal.sync()

    def compact(self) -> None:
        """Move the journal into the Scout database; a kill in between loses and doubles nothing."""
        with refusals(self.folder, GO_ON):
            self._compact()

    def close(self) -> None:
        """Compact and give the folder free."""
        try:
            self.compact()
        finally:
            self._lock.close()

    def __enter__(self) -> "RunStore":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            return self.close()
        with suppress(
            OSError
        ):  # the error under way is the one to tell; the journal holds all, and a full disk takes no more
            self._journal.close()
        self._lock.close()

    def _compact(self) -> None:
        self._journal.close()
        self._waiting, self._synced = 0, time.monotonic()
        done = set(stored_trials(self._place))
        for path, rows, _ in list(read_journal(self.folder / "journal")):
            fresh = {r["transcript_id"]: r for r in rows if r["transcript_id"] not in done}
            if fresh:
                add_block(self._place, table(list(fresh.values()), self._factors))
                done.update(fresh)
            path.unlink()

    def _read(self) -> tuple[dict[str, int | None], int]:
        stored, torn = stored_trials(self._place), 0
        for _, rows, cut in read_journal(self.folder / "journal"):
            stored.update((r["transcript_id"], r.get("trial_index")) for r in rows)
            torn += cut
        return stored, torn


def take_folder(folder: Path) -> IO[str]:
    """Take the folder for this process; two runs on one folder would do trials twice."""
    file = (folder / ".lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise StoreError(f"another run is writing to {folder}. Wait for it, stop it, or use --out FOLDER.") from None
    return file


def _check_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of a new run, or refuse to go on with a run that asked something else."""
    raw = dict(manifest) | {"schema_version": SCHEMA_VERSION}
    if not path.exists():
        with whole(path) as part:
            part.write_text(json.dumps(raw, indent=1, sort_keys=True, default=str), encoding="utf-8")
        to_disk(path.parent.parent)
        return
    old, new = read_json(path), json.loads(json.dumps(raw, default=str))
    # A key that a later offswitch knows and the study leaves out is what the older one did without it.
    if differ := differences(*(_given({k: m[k] for k in _IDENTITY if k in m}) for m in (old, new))):
        raise StoreError(f"{path.parent} holds another run ({differ}). Use --out with a new folder.")


def _given(value: Any) -> Any:
    """Return a JSON value without the keys of its mappings that hold nothing."""
    if isinstance(value, dict):
        return {key: _given(held) for key, held in value.items() if held is not None}
    return [_given(held) for held in value] if isinstance(value, list) else value


_IDENTITY = ("study", "scenario", "scenario_version", "schema_version")
