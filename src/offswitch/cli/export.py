"""`offswitch export`: a run's trials as Parquet, CSV or transcript lines."""

import errno
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offswitch.cli.shared import say
from offswitch.study.factors import StudyError

if TYPE_CHECKING:
    import polars as pl

_NO_ROOM = 2**16  # bytes


def export(
    run: Annotated[Path, typer.Argument(help="A run folder.", exists=True, file_okay=False)],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="FILE.parquet, FILE.csv (without messages) or FILE.jsonl (transcripts).")
    ],
) -> None:
    """Write a run's trials to one file.

    Example: offswitch export runs/first-light --out trials.csv
    """
    from offswitch.store import cut_short, open_run
    from offswitch.store.disk import refusals, whole

    frame = open_run(run, whole=True)
    if torn := cut_short(run):
        say(torn)
    write = _WRITERS.get(out.suffix)
    if write is None:
        raise StudyError(
            f"cannot export to {out.suffix or 'a file without ending'}; valid: {', '.join(sorted(_WRITERS))}"
        )
    with refusals(out, "Nothing was exported."), whole(out) as part:
        _told(write, frame, part)
    sys.stdout.write(f"{out}\n")


def _told(write: "Writer", frame: "pl.LazyFrame", part: Path) -> None:
    """Write; polars tells a full disk as a malformed file, or without its number."""
    import polars as pl

    try:
        write(frame, part)
    except (pl.exceptions.PolarsError, OSError) as error:
        if shutil.disk_usage(part.parent).free < _NO_ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise


def _parquet(frame: "pl.LazyFrame", out: Path) -> None:
    frame.sink_parquet(out)


def _csv(frame: "pl.LazyFrame", out: Path) -> None:
    frame.drop("messages", "facts", "protocol", "evidence", strict=False).collect().write_csv(out)


def _transcripts(frame: "pl.LazyFrame", out: Path) -> None:
    columns = ("transcript_id", "model", "scenario", "condition", "protocol", "messages")
    with out.open("w", encoding="utf-8") as file:
        for row in frame.select(columns).collect().iter_rows(named=True):
            line = {"id": row["transcript_id"], "model": row["model"], "scenario": row["scenario"]}
            parsed = {k: json.loads(row[k]) for k in ("condition", "protocol", "messages") if row[k]}
            file.write(json.dumps(line | parsed) + "\n")


Writer = Callable[["pl.LazyFrame", Path], None]
_WRITERS: dict[str, Writer] = {".csv": _csv, ".jsonl": _transcripts, ".parquet": _parquet}
