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

    done = import_file(source, out)
    for number, reason in done.bad:
        say(f"line {number}: {reason}")
    told = [f"{done.stored} transcripts stored in {out}", f"{len(done.bad)} bad lines"]
    told += [f"{done.errors} readings failed"] if done.errors else []
    told += [f"{done.repeated} stood there already"] if done.repeated else []
    sys.stdout.write(", ".join(told) + "\n")
    if done.bad or done.errors:
        raise typer.Exit(1)
