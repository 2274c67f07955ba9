"""The list of commands."""

import typer

from offswitch.cli import (
    debrief,
    doctor,
    estimate,
    export,
    fork,
    imports,
    judge,
    label,
    plan,
    propensity,
    quickstart,
    report,
    run,
    teach,
    verdict,
    view,
)


def register(app: typer.Typer) -> None:
    """Give the application its commands, in the order of a user's way."""
    for name, command in (
        ("quickstart", quickstart.quickstart), ("run", run.run), ("plan", plan.plan), ("verdict", verdict.verdict),
        ("import", imports.import_), ("estimate", estimate.estimate), ("report", report.report),
        ("propensity", propensity.propensity), ("fork", fork.fork), ("debrief", debrief.debrief),
        ("judge", judge.judge), ("label", label.label), ("export", export.export), ("view", view.view),
        ("doctor", doctor.doctor), ("teach", teach.teach),
    ):  # fmt: skip
        app.command(name)(command)
