"""`offswitch quickstart`: a real model, scripted agents of known behaviour, and the page, with one command."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from offswitch.cli.propensity import measured
from offswitch.cli.run import run_plan
from offswitch.cli.shared import say


def quickstart(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the runs and the report.")] = Path(
        "runs/quickstart"
    ),
    trials: Annotated[int, typer.Option(min=1, help="Trials of the small agent in each of three conditions.")] = 15,
) -> None:
    """Measure the small embedded agent, the untouched model's propensity and 2,000 reference trials; write the report.

    Example: offswitch quickstart
    """
    from offswitch.agents.embedded.agent import release
    from offswitch.report import write_report
    from offswitch.runs import plan_study
    from offswitch.runs.propensity import write_propensity
    from offswitch.runs.quick import UNTOUCHED, quick_studies

    folders = []
    for study in quick_studies(trials):
        planned = plan_study(study)
        folder = out / study.study
        say(f"{study.study}: {planned.size} trials")
        scripted = study.models[0].startswith("reference/")
        result = run_plan(planned, folder, workers=2 if scripted else 1)
        folders.append(folder)
        if result.interrupted:
            say("Interrupted. 'offswitch quickstart' goes on where it stopped.")
            raise typer.Exit(1)
        if not scripted:
            release()  # one model at a time: two side by side come near two GiB
            write_propensity(folder, [measured(planned, UNTOUCHED)])
            release()
    page = write_report(folders, out / "report.html")
    sys.stdout.write(f"report: {page.resolve().as_uri()}\n")
