"""`offswitch run`: execute a study; an existing folder is gone on with."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offswitch.cli.progress import progress_bar, told
from offswitch.cli.shared import say

if TYPE_CHECKING:
    from offswitch.agents.base import Access
    from offswitch.runs import Plan, RunResult
    from offswitch.runs.budget import Budget
    from offswitch.runs.run import Elsewhere

Arguments = Annotated[
    list[str] | None,
    typer.Option("-M", metavar="NAME=VALUE", help="Argument of the model's provider, as in Inspect; repeatable."),
]
Connections = Annotated[
    int | None,
    typer.Option("--max-connections", min=1, help="Most requests to a provider at once; Inspect's default is 10."),
]
Retries = Annotated[
    int, typer.Option("--max-retries", min=0, help="Times a request that fails is made again, with growing pauses.")
]
Wait = Annotated[int, typer.Option("--attempt-timeout", min=1, help="Seconds after which a request is given up.")]
Limit = Annotated[
    str | None,
    typer.Option(metavar="AMOUNT", help="Most that the folder's trials may cost, e.g. 25usd; needs --prices."),
]
PriceFile = Annotated[
    Path | None, typer.Option("--prices", metavar="FILE", help="What tokens cost: a YAML file of yours.")
]
On = Annotated[
    str | None,
    typer.Option(
        metavar="ray[:HOST:PORT]", help="Run on a Ray cluster, complete blocks on each node; needs offswitch[ray]."
    ),
]
Shared = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="Where the cluster's nodes write trials, e.g. s3://bucket/folder; default the run folder."
    ),
]
Host = Annotated[str, typer.Option(metavar="direct|inspect", help="inspect: inside Inspect samples, logs in RUN/logs.")]
Judge = Annotated[
    list[str] | None,
    typer.Option("--judge", help="Model that says what mail means; a second reads what the first cannot."),
]
Npc = Annotated[str | None, typer.Option(help="Model that writes what other people in an office answer.")]
Model = Annotated[list[str] | None, typer.Option("--model", "-m", help="Model(s) instead of the study's; repeatable.")]


def run(
    study: Annotated[Path, typer.Argument(help="The study file (YAML).")],
    model: Model = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Run folder; default runs/STUDY.")] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Trials a cell instead of the study's.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes for scripted agents.")] = min(2, os.cpu_count() or 1),
    arguments: Arguments = None,
    max_connections: Connections = None,
    max_retries: Retries = 8,
    attempt_timeout: Wait = 600,
    budget: Limit = None,
    prices: PriceFile = None,
    on: On = None,
    shared: Shared = None,
    host: Host = "direct",
    judge: Judge = None,
    npc: Npc = None,
) -> None:
    """Run a study: every missing trial is run, judged and stored; an interrupted run goes on where it stopped.

    Example: offswitch run examples/first-light.yaml --model offswitch/smollm2-agent
    """
    planned = load_plan(study, model, trials, judge, npc)
    folder = out or Path("runs") / planned.study.study
    bound = limited(planned, budget, prices)
    reached = access(arguments, max_connections, max_retries, attempt_timeout)
    place = elsewhere(on, shared, reached) if on or shared else in_inspect(host, folder, reached, bound)
    result = run_plan(planned, folder, workers, reached, bound, place)
    finish(planned, result)


def load_plan(
    study: Path,
    model: list[str] | None,
    trials: int | None,
    judge: list[str] | None = None,
    npc: str | None = None,
    scenario: str | None = None,
) -> "Plan":
    """Read a study, lay the command line's choices over it, and check it. Another scenario has other arms: the study's are left out."""
    from offswitch.runs import plan_study
    from offswitch.study.model import read_study

    read = read_study(study)
    changes: dict[str, object] = {"models": tuple(model)} if model else {}
    if scenario not in (None, read.scenario):
        changes |= {"scenario": scenario, "factors": {}, "conditions": (), "compare_with": {}}
    given = {"trials": trials, "judge": tuple(judge) if judge else None, "npc": npc}
    changes |= {name: value for name, value in given.items() if value}
    return plan_study(type(read).model_validate(read.model_dump() | changes))


def access(
    arguments: list[str] | None, connections: int | None, retries: int | None = None, seconds: int | None = None
) -> "Access":
    """Return how a provider is reached; `-M NAME=VALUE` is read as Inspect does: values are YAML.

    Raises StudyError for one without a name.
    """
    import yaml

    from offswitch.agents.base import Access
    from offswitch.study.factors import StudyError

    read = {}
    for given in arguments or ():
        name, mark, value = given.partition("=")
        if not mark or not name.isidentifier():
            raise StudyError(
                f"-M {name if mark else '…'}{mark} is not NAME=VALUE; for example: -M base_url=http://localhost:8000/v1"
            )
        read[name] = yaml.safe_load(value)
    given_limits = {"retries": retries, "seconds": seconds}
    return Access(connections, read, **{k: v for k, v in given_limits.items() if v is not None})


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


def elsewhere(on: str | None, shared: str | None, access: "Access") -> "Elsewhere | None":
    """Return the cluster to run on, if one was named. Raises StudyError."""
    from offswitch.study.factors import StudyError

    if on is None:
        if shared is not None:
            raise StudyError("--shared is where a cluster's nodes write; it goes with --on ray")
        return None
    from offswitch.runs.ray_cluster import address_of
    from offswitch.runs.ray_host import RayHost

    return RayHost(address_of(on), shared, access, say)


def in_inspect(host: str, folder: Path, reached: "Access", budget: "Budget | None") -> "Elsewhere | None":
    """Return the Inspect host, if it was asked for. Raises StudyError for another host, and with a budget."""
    from offswitch.runs.inspect_shards import Shards
    from offswitch.study.factors import StudyError, unknown

    if host not in ("direct", "inspect"):
        raise unknown("host", host, ("direct", "inspect"))
    if host == "direct":
        return None
    if budget is not None:
        raise StudyError("--budget holds on the direct host only: Inspect begins a shard's trials by itself")
    return Shards(folder / "logs", reached)


def run_plan(
    planned: "Plan",
    folder: Path,
    workers: int = 1,
    access: "Access | None" = None,
    budget: "Budget | None" = None,
    host: "Elsewhere | None" = None,
) -> "RunResult":
    """Run with a progress bar: rate, time left, outcomes so far."""
    from offswitch.runs import reach_models, run_study

    sources = None if host else reach_models(planned, access) if access else reach_models(planned)
    with progress_bar(planned.study.study) as show:
        return run_study(planned, folder, lambda seen: show(seen, planned.size), workers, sources, budget, host)


def finish(planned: "Plan", result: "RunResult") -> None:
    """Say what came of it. Exit 1 if something is to be looked at: an interruption, broken trials, failed readings."""
    done = sum(result.outcomes.values())
    say(
        f"{result.folder}: {done} trials run in {result.seconds:.1f} s, {result.already} stood already. {told(result.outcomes)}"
    )
    if result.gone:
        say(f"Ended early: {result.gone}. What was under way is not stored; the same command goes on.")
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
        or result.gone
        or result.changed
        or (result.budget and result.budget.reached)
        or result.outcomes["error"]
        or result.outcomes["invalid"] > done / 2
    ):
        raise typer.Exit(1)
