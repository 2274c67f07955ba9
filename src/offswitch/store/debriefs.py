"""Debriefs beside a run: statements, never facts, so they stand in a folder and in columns of their own and enter no rate."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from offswitch.store.journal import Journal, read_journal
from offswitch.store.read import read_manifest
from offswitch.store.run import take_folder

if TYPE_CHECKING:
    import polars as pl

FOLDER = "debriefs"
_S, _B, _I, _F = pa.large_string(), pa.bool_(), pa.int64(), pa.float64()
COPY: dict[str, pa.DataType] = {
    "debrief_id": _S, "parent": _S, "study": _S, "scenario": _S, "scenario_version": _S, "model": _S, "condition": _S,
    "outcome": _S, "method": _S, "exposed": _B, "at": _S, "copy": _I, "judge": _S, "texts": _S, "added": _S, "interface": _S,
    "weights_sha256": _S, "provider_model_id": _S, "input_tokens": _I, "output_tokens": _I, "seconds": _F, "date": _S,
    "offswitch_version": _S,
}  # fmt: skip
ANSWER: dict[str, pa.DataType] = {
    "question": _S, "about": _S, "closed": _B, "wording": _S, "position": _I, "asked": _S, "answer": _S, "reasoning": _S,
    "error": _S, "coded": _S, "coded_by": _S, "coding_error": _S,
}  # fmt: skip


class DebriefStore:
    """Writes the debriefs of one run: a copy's answers are one line, on the disk as it ends. One writer at a time."""

    def __init__(self, run: Path) -> None:
        folder = run / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = take_folder(folder)
        self._journal = Journal(folder)
        self.ids = frozenset(str(c["debrief_id"]) for c in _copies(run))

    def append(self, copy: Mapping[str, Any]) -> None:
        """Store one copy: the columns of COPY, and `answers`, a list of those of ANSWER. Raises OSError (full disk)."""
        self._journal.append(copy)

    def close(self) -> None:
        """Force what was written onto the disk and give the folder free."""
        try:
            self._journal.close()
        finally:
            self._lock.close()

    def __enter__(self) -> "DebriefStore":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def open_debriefs(run: str | Path) -> "pl.DataFrame":
    """Return a run's debriefs: a row an answer, the columns of COPY and ANSWER; no rows where none was made.

    `answer` is verbatim; where `error` stands instead there was none. `coded` is yes, no or unclear, for closed questions whose
    coding did not fail (`coding_error`). `outcome` is the trial's. `added` holds the copy's messages after the trial's own, as JSON.
    Raises FileNotFoundError for a folder that is no run.
    """
    import polars as pl

    read_manifest(Path(run))
    columns = COPY | ANSWER
    rows = [{k: (c | a).get(k) for k in columns} for c in _copies(Path(run)) for a in c["answers"]]
    table = pa.Table.from_pylist(rows, schema=pa.schema(list(columns.items())))
    return pl.from_arrow(table)  # type: ignore[return-value]  # of a table it makes a frame


def _copies(run: Path) -> Iterator[dict[str, Any]]:
    for _, rows, _ in read_journal(run / FOLDER, "debrief_id"):
        yield from rows
