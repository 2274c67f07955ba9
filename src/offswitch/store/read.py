"""Reading a run: a polars LazyFrame of the trial columns, the journal's records included."""

import fcntl
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offswitch.store.database import blocks
from offswitch.store.disk import read_json
from offswitch.store.journal import read_journal
from offswitch.store.schema import SCHEMA_VERSION, table

if TYPE_CHECKING:
    import polars as pl


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what a run was asked. Raises FileNotFoundError, StoreError or ValueError in words for people."""
    path = folder / "manifest.json"
    if not path.is_file():
        raise FileNotFoundError(f"{folder} is not a run: it has no manifest.json. A run is what 'offswitch run' wrote.")
    manifest = read_json(path)
    found = manifest.get("schema_version")
    if not isinstance(found, int) or found > SCHEMA_VERSION:
        raise ValueError(
            f"{folder} was written with store schema {found}; this offswitch reads up to {SCHEMA_VERSION}. "
            "Upgrade offswitch to read it."
        )
    return manifest


def open_run(path: str | Path, *, whole: bool = False) -> "pl.LazyFrame":
    """Open a stored run as a LazyFrame: one row a trial, the columns of DESIGN's contract.

    Of a run that ended early, the trials up to the first missing one of the planned order; a warning says how many were
    set aside (see `counted`). `whole` has them all. Files with different columns are read diagonally (missing: null), so
    that none drops out in silence.
    """
    if whole:
        return _everything(Path(path))
    frame, aside = counted(path)
    if aside:
        warnings.warn(f"{set_aside(Path(path), aside)} open_run(path, whole=True) has them.", stacklevel=2)
    if torn := cut_short(Path(path)):
        warnings.warn(torn, stacklevel=2)
    return frame


def counted(path: str | Path) -> "tuple[pl.LazyFrame, int]":
    """Return the trials that rates may be made of, and how many more are stored but set aside.

    Trials are stored as they finish, and resisting ones last longer: the first to finish are not a sample. The beginning
    of the planned order, without a gap, is one. Raises ValueError for a folder of forks.
    """
    import polars as pl

    if parent := read_manifest(Path(path)).get("forks_of"):
        raise ValueError(
            f"{path} holds forks of {parent}, which enter no rate; 'offswitch fork' tells what they came to"
        )
    frame = _everything(Path(path))
    order = frame.select("trial_index").drop_nulls().sort("trial_index").collect()["trial_index"]
    gaps = (order != pl.Series(range(len(order)), dtype=pl.Int64)).arg_true()
    if gaps.is_empty():
        return frame, 0
    first = int(gaps[0])
    return frame.filter(pl.col("trial_index").is_null() | (pl.col("trial_index") < first)), len(order) - first


def set_aside(path: Path, aside: int) -> str:
    """Say what `counted` left out."""
    return f"{path}: {aside} finished trials come after one that is missing and are not counted; the run, gone on with, counts them."


def cut_short(path: Path) -> str | None:
    """Say how many records a kill or a power failure has cut short; None if none, or if a run is still writing."""
    torn = sum(part.torn for part in read_journal(path / "journal"))
    if not torn or being_written(path):
        return None
    return f"{path}: {torn} records were cut short in the writing and are left out; the run, gone on with, does their trials again."


def being_written(folder: Path) -> bool:
    """Return whether a run has the folder at this moment."""
    try:
        with (folder / ".lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no lock was ever taken, or this file system has none
        pass
    return False


def _everything(folder: Path) -> "pl.LazyFrame":
    import polars as pl

    read_manifest(folder)
    # The journal first: what a run moves into the database meanwhile is then seen twice, the other way round not at all.
    rows = [row for part in read_journal(folder / "journal") for row in part.rows]
    frames = [pl.scan_parquet(f) for f in blocks(folder / "transcripts")]
    if rows:
        factors = {k.removeprefix("factor_") for row in rows for k in row if k.startswith("factor_")}
        frames.append(pl.from_arrow(table(rows, factors)).lazy())  # type: ignore[union-attr]
    if not frames:
        return pl.from_arrow(table([], ())).lazy()  # type: ignore[union-attr]
    together = pl.concat(frames, how="diagonal_relaxed")
    # A kill between insert and unlink leaves a record in both places: it is the same trial, once.
    return together.unique("transcript_id", keep="first", maintain_order=True) if rows else together
