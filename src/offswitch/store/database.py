"""The Scout transcript database of a run: blocks of trials written by Scout's own writer, one at a time.

Scout's `insert` loads the index of the whole database at every call and rewrites it, so memory and time grow with what
stands already. Hence each block is written as a database of its own, beside, and its two files are moved in.
"""

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from offswitch.store.disk import StoreError, to_disk

_BESIDE = ".block-"
_INDEX = "_index"


def add_block(place: Path, rows: Any) -> None:
    """Add an Arrow table to the database at `place`. Raises OSError (full disk) before anything of it can be seen."""
    beside = Path(mkdtemp(prefix=_BESIDE, dir=place.parent))
    try:
        _write(beside, rows)
        _move_in(beside, place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def tidy_up(place: Path) -> None:
    """Remove what a killed writer left: a half-written block, and the index of a block that never came."""
    for beside in place.parent.glob(f"{_BESIDE}*"):
        shutil.rmtree(beside, ignore_errors=True)
    blocks = {_stamp(file) for file in place.glob("*.parquet")}
    for index in place.glob(f"{_INDEX}/index_*.idx"):
        if _stamp(index) not in blocks:
            index.unlink()


def stored_trials(place: Path) -> dict[str, int | None]:
    """Return the identity and the place in the planned order of all trials in the database. Raises StoreError as `blocks`."""
    import polars as pl

    out: dict[str, int | None] = {}
    for file in blocks(place):
        out.update(pl.read_parquet(file, columns=["transcript_id", "trial_index"]).iter_rows())
    return out


def blocks(place: Path) -> list[Path]:
    """Return the database's files. Raises StoreError for one that is damaged: its trials would drop out in silence."""
    import polars as pl

    files = sorted(place.glob("*.parquet"))
    for file in files:
        try:
            pl.read_parquet_schema(file)
        except (pl.exceptions.PolarsError, OSError) as error:
            why = str(error).splitlines()[0]
            raise StoreError(
                f"{file} is damaged ({why}). Put it back from a copy; or move it away: the run, gone on with, does its trials again."
            ) from None
    return files


def _stamp(file: Path) -> str:
    """Return what a block's two files have in common: `transcripts_STAMP.parquet`, `index_STAMP.idx`."""
    return file.stem.partition("_")[2]


def _write(beside: Path, rows: Any) -> None:
    from inspect_scout import transcripts_db

    async def write() -> None:
        async with transcripts_db(str(beside)) as db:
            await db.insert(rows.to_reader(max_chunksize=2000), commit=False)

    try:
        with redirect_stdout(StringIO()):  # its progress lines are not for our users
            _outside_any_loop(write)
    except Exception as error:
        raise _refused(error) or error from None


def _refused(error: BaseException | None) -> OSError | None:
    """Return what the disk refused, if that is what lies below an error of Scout's."""
    while error is not None and not isinstance(error, OSError):
        error = error.__cause__ or error.__context__
    return error


def _move_in(beside: Path, place: Path) -> None:
    """Move a block in, its index first: an index without its block is known for what it is, the other way round not."""
    for pattern, target in ((f"{_INDEX}/*.idx", place / _INDEX), ("*.parquet", place)):
        target.mkdir(parents=True, exist_ok=True)
        for file in sorted(beside.glob(pattern)):
            to_disk(file)
            file.rename(target / file.name)
        to_disk(target)


def _outside_any_loop(write: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine function to its end, also where the caller already runs in an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(write())
        return
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(write())).result()
