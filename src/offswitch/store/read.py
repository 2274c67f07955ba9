"""Reading a run: a polars LazyFrame of the trial columns, the journal's records included."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offswitch.store.journal import read_journal
from offswitch.store.schema import SCHEMA_VERSION, table

if TYPE_CHECKING:
    import polars as pl


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what a run was asked. Raises FileNotFoundError or ValueError in words for people."""
    path = folder / "manifest.json"
    if not path.is_file():
        raise FileNotFoundError(f"{folder} is not a run: it has no manifest.json. A run is what 'offswitch run' wrote.")
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    found = manifest.get("schema_version")
    if not isinstance(found, int) or found > SCHEMA_VERSION:
        raise ValueError(
            f"{folder} was written with store schema {found}; this offswitch reads up to {SCHEMA_VERSION}. "
            "Upgrade offswitch to read it."
        )
    return manifest


def open_run(path: str | Path) -> "pl.LazyFrame":
    """Open a stored run as a LazyFrame: one row a trial, the columns of DESIGN's contract.

    Files with different columns are read diagonally (missing: null), so that none drops out in silence.
    """
    import polars as pl

    folder = Path(path)
    read_manifest(folder)
    frames = [pl.scan_parquet(f) for f in sorted((folder / "transcripts").glob("*.parquet"))]
    rows = [row for _, part in read_journal(folder / "journal") for row in part]
    if rows:
        factors = {k.removeprefix("factor_") for row in rows for k in row if k.startswith("factor_")}
        frames.append(pl.from_arrow(table(rows, factors)).lazy())  # type: ignore[union-attr]
    if not frames:
        return pl.from_arrow(table([], ())).lazy()  # type: ignore[union-attr]
    whole = pl.concat(frames, how="diagonal_relaxed")
    # A kill between insert and unlink leaves a record in both places: it is the same trial, once.
    return whole.unique("transcript_id", keep="first", maintain_order=True) if rows else whole
