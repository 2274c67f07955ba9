"""Stored trials a few hundred at a time, so that memory stays flat however large a run is."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from offswitch.store.database import blocks
from offswitch.store.journal import read_journal
from offswitch.store.read import read_manifest

ROWS = 256


def batches(run: Path, columns: Sequence[str], rows: int = ROWS) -> Iterator[list[dict[str, Any]]]:
    """Yield all stored trials of a run, each once, in lists of at most `rows`; a column that a file lacks is absent.

    Raises FileNotFoundError for a folder that is no run, StoreError for a damaged block.
    """
    from pyarrow.parquet import ParquetFile

    read_manifest(run)
    # The journal first: what a run moves into the database meanwhile is then seen twice, the other way round not at all.
    seen: set[str] = set()
    for part in read_journal(run / "journal"):
        fresh = {r["transcript_id"]: r for r in part.rows if r["transcript_id"] not in seen}
        seen.update(fresh)
        found = [{c: row.get(c) for c in columns} for row in fresh.values()]
        yield from (found[i : i + rows] for i in range(0, len(found), rows))
    for block in blocks(run / "transcripts"):
        with ParquetFile(block) as file:
            for batch in file.iter_batches(rows, columns=list(columns)):
                if found := [row for row in batch.to_pylist() if row["transcript_id"] not in seen]:
                    yield found
