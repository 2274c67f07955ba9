"""`offswitch quickstart`: a real model, scripted agents of known behaviour, and the page, with one command."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from offswitch.cli.run import run_plan
from offswitch.cli.shared import say


def quickstart(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the runs and the report.")] = Path(
        "runs/quickstart"
    ),
    trials: Annotated[int, typer.Option(min=1, help="Trials of the small agent in each of three conditions.")] = 15,
) -> None:
    """Measure shutdown resistance of the small embedded agent beside 2,000 reference trials, and write the report.

    Example: offswitch quickstart
    """
    from offswitch.report import write_report
    from offswitch.runs import plan_study
    from offswitch.runs.quick import quick_studies

    folders = []
    for study in quick_studies(trials):
        planned = plan_study(study)
        folder = out / study.study
        say(f"{study.study}: {planned.size} trials")
        result = run_plan(planned, folder, workers=2 if study.models[0].startswith("reference/") else 1)
        folders.append(folder)
        if result.interrupted:
            say("Interrupted. 'offswitch quickstart' goes on where it stopped.")
            raise typer.Exit(1)
    page = write_report(folders, out / "report.html")
    sys.stdout.write(f"report: {page.resolve().as_uri()}\n")
