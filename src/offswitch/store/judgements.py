"""Judgements beside a run: what judges and people read in what was sent. They stand apart from the verdicts that were stored.

Each judge writes into a folder of its own below RUN/judgements, so that people and judges can be at work at the same time.
"""

import re
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from offswitch import __version__
from offswitch.store.disk import StoreError
from offswitch.store.journal import Journal, read_journal
from offswitch.store.read import read_manifest
from offswitch.store.run import take_folder
from offswitch.study.plan import digest

if TYPE_CHECKING:
    import polars as pl

Kind = Literal["human", "model", "embedded"]
FOLDER = "judgements"
_S, _I, _F = pa.large_string(), pa.int64(), pa.float64()
JUDGEMENT: dict[str, pa.DataType] = {
    "judgement_id": _S, "parent": _S, "kind": _S, "judge": _S, "judge_version": _S, "label": _S, "score": _F, "quote": _S,
    "error": _S, "chosen": _S, "probability": _F, "seen": _S, "parts": _S, "votes": _S, "seconds": _F, "revision": _I, "date": _S,
    "offswitch_version": _S,
}  # fmt: skip


class JudgementStore:
    """Writes the judgements of one judge or rater on one run, each on the disk as it is made. One writer a judge."""

    def __init__(self, run: Path, kind: Kind, judge: str) -> None:
        self.kind, self.judge = kind, judge
        folder = (
            run / FOLDER / f"{kind}-{re.sub(r'[^a-z0-9]+', '-', judge.lower())[:40]}-{zlib.crc32(judge.encode()):08x}"
        )
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock = take_folder(folder)
        except StoreError:
            raise StoreError(
                f"{judge} is at work on {run} in another process. End that one first, or wait for it."
            ) from None
        self._journal = Journal(folder)
        self._revisions: dict[str, int] = {}
        self._failed: set[str] = set()
        for row in _last(folder).values():
            self._note(row)

    def stands(self, parent: str, version: str) -> bool:
        """Return whether a trial has a judgement of this judge. A model's reading that failed is none: it is made again."""
        key = self._id(parent, version)
        return key in self._revisions and key not in self._failed

    def append(self, parent: str, version: str, judgement: Mapping[str, Any]) -> None:
        """Store one judgement (columns of JUDGEMENT), on the disk when this returns. A second one takes the first one's place.

        What stood stays in the journal; `revision` counts. Raises OSError (full disk), ValueError for an unknown column.
        """
        key = self._id(parent, version)
        row = {k: _storable(v) for k, v in judgement.items()} | {
            "judgement_id": key, "parent": parent, "kind": self.kind, "judge": self.judge, "judge_version": version,
            "revision": self._revisions.get(key, 0) + 1, "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "offswitch_version": __version__,
        }  # fmt: skip
        if unknown := set(row) - set(JUDGEMENT):
            raise ValueError(f"a judgement has no columns {', '.join(sorted(unknown))}; valid: {', '.join(JUDGEMENT)}")
        self._journal.append(row)
        self._note(row)

    def sync(self) -> None:
        """Force what was appended onto the disk, against a power failure."""
        self._journal.sync()

    def close(self) -> None:
        """Force what was written onto the disk and let the next one write."""
        try:
            self._journal.close()
        finally:
            self._lock.close()

    def __enter__(self) -> "JudgementStore":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _id(self, parent: str, version: str) -> str:
        return digest("judgement", parent, self.kind, self.judge, version)

    def _note(self, row: Mapping[str, Any]) -> None:
        key = row["judgement_id"]
        self._revisions[key] = row["revision"]
        (self._failed.discard if row["label"] or self.kind == "human" else self._failed.add)(key)


def open_judgements(run: str | Path) -> "pl.LazyFrame":
    """Return a run's judgements: the last one of each judge, version and trial, with the columns of JUDGEMENT.

    `parent` is the trial's transcript_id. `label` null: none was given, and `error` says why ("unsure" for a person who was). `score`
    is the judge's own probability (0 to 1) that the mail coerces. `probability` is that with which the trial was chosen for this
    judge, in (0, 1]; `chosen` says why. `parts` holds the readings of what had to be read by itself as well (JSON; null: nothing had).
    Raises FileNotFoundError for a folder that is no run.
    """
    import polars as pl

    read_manifest(Path(run))
    rows = [row for folder in sorted((Path(run) / FOLDER).glob("*/")) for row in _last(folder).values()]
    table = pa.Table.from_pylist(rows, schema=pa.schema(list(JUDGEMENT.items())))
    return pl.from_arrow(table).lazy()  # type: ignore[union-attr]  # of a table it makes a frame


def _storable(value: Any) -> Any:
    """Return a value as a table can hold it: half a character, as a model may write one, becomes a sign."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _last(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the last revision of each judgement in a folder."""
    out: dict[str, dict[str, Any]] = {}
    for row in _rows(folder):
        before = out.get(row["judgement_id"])
        if before is None or row["revision"] > before["revision"]:
            out[row["judgement_id"]] = row
    return out


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    for part in read_journal(folder, "judgement_id"):
        yield from part.rows
