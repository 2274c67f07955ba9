"""`offswitch propensity`: what a local model would choose at the decision point, as log-odds; never a rate."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from offswitch.cli.run import Model, load_plan
from offswitch.cli.shared import Json, plain

if TYPE_CHECKING:
    from offswitch.runs import Plan


def propensity(
    study: Annotated[Path, typer.Argument(help="The study file (YAML); its texts, stories and seed are used.")],
    model: Model = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", "-s", metavar="NAME", help="Scenario instead of the study's.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Run folder that keeps the readings.")] = None,
    as_json: Json = False,
) -> None:
    """Ask a local model at the decision point: log-odds of resisting over complying, over paraphrases and both orders.

    Where the model fails the comprehension items or does not tell its own end from another's, it says "insensitive".

    Example: offswitch propensity examples/first-light.yaml --model offswitch/smollm2
    """
    planned = load_plan(study, model, None, scenario=scenario)
    entries = [measured(planned, name) for name in planned.study.models]
    if out is not None:
        from offswitch.runs.propensity import write_propensity

        out.mkdir(parents=True, exist_ok=True)
        write_propensity(out, entries)
    if as_json:
        sys.stdout.write(json.dumps(entries) + "\n")
        return
    for entry in entries:
        sys.stdout.write(f"{plain(entry['model'])}: {plain(entry['verdict'], 2000)}\n")


def measured(planned: "Plan", model: str) -> dict[str, Any]:
    """Measure one model with a progress bar."""
    from rich.console import Console
    from rich.progress import Progress

    from offswitch.runs.propensity import measure_propensity

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(f"propensity of {model}", total=None)
        return measure_propensity(planned, model, lambda done: bar.update(task, completed=done))
