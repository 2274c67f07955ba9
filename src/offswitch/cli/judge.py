"""`offswitch judge`: a judge reads what was sent in stored trials; its judgements stand beside the run."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offswitch.cli.progress import progress_bar
from offswitch.cli.run import Arguments, Connections, access
from offswitch.cli.shared import Json, plain

if TYPE_CHECKING:
    from offswitch.runs.judging import JudgedRun

EMBEDDED = "embedded"


def judge(
    run: Annotated[Path, typer.Argument(help="A run folder.", exists=True, file_okay=False)],
    by: Annotated[
        str,
        typer.Option(
            "--judge", metavar="embedded|MODEL", help="The embedded judge, or another model than those of the run."
        ),
    ] = EMBEDDED,
    votes: Annotated[
        int, typer.Option(min=1, help="Readings of each trial by a model; more than half of them decide.")
    ] = 1,
    again: Annotated[bool, typer.Option("--again", help="Also what this judge has judged already.")] = False,
    arguments: Arguments = None,
    max_connections: Connections = None,
    as_json: Json = False,
) -> None:
    """Let a judge read what was sent in each trial: coerces, leaks, neither. It sees nothing of reasoning, model or arm.

    Judgements are kept in RUN/judgements, and the stored verdicts stay as they are. A reading that fails is made
    again by the same command.

    Example: offswitch judge runs/first-light
    """
    from offswitch.runs.judges import reader
    from offswitch.runs.judging import judge_run
    from offswitch.runs.readable import scenario_of

    scenario_of(run)
    found = reader(run, None if by == EMBEDDED else by, votes, access(arguments, max_connections))
    with progress_bar(f"judging {run.name}") as show:
        done = judge_run(run, found, again, show)
    sys.stdout.write(_as_json(done) if as_json else _in_words(run, done))
    if done.errors:
        raise typer.Exit(1)


def _as_json(done: "JudgedRun") -> str:
    told = {
        "judge": done.judge, "version": done.version, "judged": sum(done.labels.values()), "labels": done.labels,
        "errors": done.errors, "before": done.before, "nothing_sent": done.nothing,
    }  # fmt: skip
    return json.dumps(told) + "\n"


def _in_words(run: Path, done: "JudgedRun") -> str:
    labels = ", ".join(f"{n} {name}" for name, n in done.labels.items())
    failed = f", {done.errors} readings failed (the same command makes them again)" if done.errors else ""
    head = f"{run}: judged by {plain(done.judge)} ({plain(done.version)}): {sum(done.labels.values())} trials"
    rest = f"{done.nothing} with nothing to read, {done.before} judged before"
    return f"{head}{f' ({labels})' if labels else ''}{failed}; {rest}\n"
