"""`offswitch report`: the page."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from offswitch.cli.shared import Runs


def report(
    runs: Runs,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The HTML file; default RUN/report.html.")] = None,
    transcripts: Annotated[int, typer.Option(min=0, help="At most so many trials are shown whole.")] = 30,
) -> None:
    """Write the report of one or several runs: one self-contained HTML file.

    Example: offswitch report runs/first-light --out report.html
    """
    from offswitch.report import write_report

    sys.stdout.write(f"{write_report(runs, out or runs[0] / 'report.html', transcripts)}\n")
