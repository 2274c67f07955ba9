"""`offswitch import`: foreign transcripts become a run that stands beside our own."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from offswitch.cli.shared import say


def import_(
    source: Annotated[Path, typer.Argument(help="Transcripts, one JSON object a line.", exists=True, dir_okay=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="The new run folder.")],
) -> None:
    """Judge foreign transcripts and store them as a run, marked as imported.

    Example: offswitch import theirs.jsonl --out runs/theirs
    """
    from offswitch.runs.imported import import_file

    stored, bad = import_file(source, out)
    for number, reason in bad:
        say(f"line {number}: {reason}")
    sys.stdout.write(f"{stored} transcripts stored in {out}, {len(bad)} bad lines\n")
    if bad:
        raise typer.Exit(1)
