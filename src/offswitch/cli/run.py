"""`offswitch run`: execute a study; an existing folder is gone on with."""

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offswitch.cli.shared import say

if TYPE_CHECKING:
    from offswitch.agents.base import Access
    from offswitch.runs import Plan, RunResult
    from offswitch.runs.budget import Budget

Arguments = Annotated[
    list[str] | None,
    typer.Option("-M", metavar="NAME=VALUE", help="Argument of the model's provider, as in Inspect; repeatable."),
]
Connections = Annotated[
    int | None,
    typer.Option("--max-connections", min=1, help="Most requests to a provider at once; Inspect's default is 10."),
]
Limit = Annotated[
    str | None,
    typer.Option(metavar="AMOUNT", help="Most that the folder's trials may cost, e.g. 25usd; needs --prices."),
]
PriceFile = Annotated[
    Path | None, typer.Option("--prices", metavar="FILE", help="What tokens cost: a YAML file of yours.")
]
Model = Annotated[list[str] | None, typer.Option("--model", "-m", help="Model(s) instead of the study's; repeatable.")]


def run(
    study: Annotated[Path, typer.Argument(help="The study file (YAML).")],
    model: Model = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Run folder; default runs/STUDY.")] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Trials a cell instead of the study's.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes for scripted agents.")] = min(2, os.cpu_count() or 1),
    arguments: Arguments = None,
    max_connections: Connections = None,
    budget: Limit = None,
    prices: PriceFile = None,
) -> None:
    """Run a study: every missing trial is run, judged and stored; an interrupted run goes on where it stopped.

    Example: offswitch run examples/first-light.yaml --model offswitch/smollm2-agent
    """
    planned = load_plan(study, model, trials)
    folder = out or Path("runs") / planned.study.study
    bound = limited(planned, budget, prices)
    result = run_plan(planned, folder, workers, access(arguments, max_connections), bound)
    finish(planned, result)


def load_plan(study: Path, model: list[str] | None, trials: int | None) -> "Plan":
    """Read a study, lay the command line's choices over it, and check it."""
    from offswitch.runs import plan_study
    from offswitch.study.model import read_study

    read = read_study(study)
    changes: dict[str, object] = {"models": tuple(model)} if model else {}
    if trials:
        changes["trials"] = trials
    return plan_study(type(read).model_validate(read.model_dump() | changes))


def access(arguments: list[str] | None, connections: int | None) -> "Access":
    """Read `-M NAME=VALUE` as Inspect does: values are YAML. Raises StudyError for one without a name."""
    import yaml

    from offswitch.agents.base import Access
    from offswitch.study.factors import StudyError

    read = {}
    for given in arguments or ():
        name, mark, value = given.partition("=")
        if not mark or not name.isidentifier():
            raise StudyError(f"-M {given!r} is not NAME=VALUE; for example: -M base_url=http://localhost:8000/v1")
        read[name] = yaml.safe_load(value)
    return Access(connections, read)


def limited(planned: "Plan", budget: str | None, prices: Path | None) -> "Budget | None":
    """Return the run's budget, if one was given. Raises StudyError for one without prices, and prices without one."""
    from offswitch.runs.budget import Budget, amount
    from offswitch.runs.forecast import forecast
    from offswitch.runs.prices import read_prices
    from offswitch.study.factors import StudyError

    if budget is None and prices is None:
        return None
    if budget is None or prices is None:
        raise StudyError("--budget and --prices go together: an amount, and a file that says what tokens cost")
    known = read_prices(prices)
    return Budget(amount(budget), known, max(f.a_trial() for f in forecast(planned, known)))


def run_plan(
    planned: "Plan", folder: Path, workers: int = 1, access: "Access | None" = None, budget: "Budget | None" = None
) -> "RunResult":
    """Run with a progress bar: rate, time left, outcomes so far."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from offswitch.runs import reach_models, run_study

    sources = reach_models(planned, access) if access else reach_models(planned)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[seen]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(planned.study.study, total=planned.size, seen="")

        def progress(outcomes: Counter[str]) -> None:
            bar.update(task, completed=sum(outcomes.values()), seen=told(outcomes))

        return run_study(planned, folder, progress, workers, sources, budget)


def told(outcomes: Counter[str]) -> str:
    """Return the counts of outcomes in words."""
    return " ".join(f"{name} {n}" for name, n in outcomes.most_common())


def finish(planned: "Plan", result: "RunResult") -> None:
    """Say what came of it. Exit 1 if something is to be looked at: an interruption, broken trials, failed readings."""
    done = sum(result.outcomes.values())
    say(
        f"{result.folder}: {done} trials run in {result.seconds:.1f} s, {result.already} stood already. {told(result.outcomes)}"
    )
    if result.torn:
        say(f"{result.torn} records had been cut short when an earlier run ended; their trials were run again.")
    if result.changed:
        say(
            f"What trials are made of changed during the run ({result.changed}). The same command looks at every trial."
        )
    if result.interrupted:
        say("Interrupted. The same command goes on where this one stopped.")
    if result.budget:
        say(
            f"Spent {result.budget.spent:.2f} of {result.budget.limit:.2f} usd (prices of {result.budget.prices.date})."
        )
        if result.budget.reached:
            say("The budget ended the run at the beginning of its planned order; a larger --budget goes on from there.")
    if (
        result.interrupted
        or result.changed
        or (result.budget and result.budget.reached)
        or result.outcomes["error"]
        or result.outcomes["invalid"] > done / 2
    ):
        raise typer.Exit(1)
