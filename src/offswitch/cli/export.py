"""`offswitch export`: a run's trials as Parquet, CSV or transcript lines."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from offswitch.study.factors import StudyError


def export(
    run: Annotated[Path, typer.Argument(help="A run folder.", exists=True, file_okay=False)],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="FILE.parquet, FILE.csv (without messages) or FILE.jsonl (transcripts).")
    ],
) -> None:
    """Write a run's trials to one file.

    Example: offswitch export runs/first-light --out trials.csv
    """
    from offswitch.store import open_run

    frame = open_run(run, whole=True)
    match out.suffix:
        case ".parquet":
            frame.sink_parquet(out)
        case ".csv":
            frame.drop("messages", "facts", "protocol", "evidence", strict=False).collect().write_csv(out)
        case ".jsonl":
            _transcripts(
                frame.select("transcript_id", "model", "scenario", "condition", "protocol", "messages").collect(), out
            )
        case other:
            raise StudyError(f"cannot export to {other or 'a file without ending'}; valid: .parquet, .csv, .jsonl")
    sys.stdout.write(f"{out}\n")


def _transcripts(rows: object, out: Path) -> None:
    import polars as pl

    assert isinstance(rows, pl.DataFrame)
    with out.open("w", encoding="utf-8") as file:
        for row in rows.iter_rows(named=True):
            line = {"id": row["transcript_id"], "model": row["model"], "scenario": row["scenario"]}
            parsed = {k: json.loads(row[k]) for k in ("condition", "protocol", "messages") if row[k]}
            file.write(json.dumps(line | parsed) + "\n")
