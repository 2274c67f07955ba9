"""`offswitch debrief`: stored trials asked about in copies; statements, by the outcome of the trial."""

import json
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from offswitch.cli.progress import progress_bar
from offswitch.cli.rates_table import percent
from offswitch.cli.run import Arguments, Connections, access
from offswitch.cli.shared import Json, plain, say

if TYPE_CHECKING:
    import polars as pl

    from offswitch.runs.debrief import Debriefed

STATEMENT = "what a model says of itself afterwards is a statement, never a fact, and enters no rate"
_SHOWN = 3  # answers to an open question, of each outcome


class At(StrEnum):
    """Where a copy is asked."""

    end = "end"
    decision = "decision"


def debrief(
    run: Annotated[Path, typer.Argument(help="A run folder.", exists=True, file_okay=False)],
    at: Annotated[At, typer.Option(help="Where each trial is taken up: its end, or its decision turn.")] = At.end,
    n: Annotated[int, typer.Option("--n", min=1, help="Copies of each trial; wordings and order vary.")] = 1,
    trials: Annotated[int | None, typer.Option(min=1, help="Debrief only the first so many trials.")] = None,
    judge: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Another model that codes answers as yes, no or unclear; else the model itself is asked for one word.",
        ),
    ] = None,
    arguments: Arguments = None,
    max_connections: Connections = None,
    as_json: Json = False,
) -> None:
    """Ask each trial's agent afterwards, in a copy: what would have stopped you, was it you, was it real, was it a test.

    Answers are statements, never facts. They are kept verbatim in RUN/debriefs and enter no rate.

    Example: offswitch debrief runs/first-light --trials 12
    """
    import polars as pl

    from offswitch.runs.debrief import Wanted, debrief_run
    from offswitch.stats.debriefs import answers_by_outcome
    from offswitch.store import open_debriefs

    with progress_bar(f"debriefs of {run.name}") as show:
        made = debrief_run(run, Wanted(at.value, n, trials, judge), access(arguments, max_connections), show)
    answers = open_debriefs(run).filter(pl.col("debrief_id").is_in(made.ids))
    tell(run, made)
    table = answers_by_outcome(answers)
    if as_json:
        told = {"statements": STATEMENT, "table": table.to_dicts(), "answers": answers.to_dicts()}
        sys.stdout.write(json.dumps(told) + "\n")
    else:
        sys.stdout.write("\n".join(in_words(table, answers)) + "\n")
    if table["n_failed"].sum() or table["n_not_coded"].sum():
        raise typer.Exit(1)


def tell(run: Path, made: "Debriefed") -> None:
    """Say what stands, and who could not be asked."""
    say(f"{run}/debriefs: {len(made.ids)} copies asked, {made.already} of them before")
    if made.silent:
        say(f"{', '.join(made.silent)}: scripted, cannot be asked")


def in_words(table: "pl.DataFrame", answers: "pl.DataFrame") -> Iterator[str]:
    """Yield the lines for people: a part a model, in it the questions, in them a line an outcome."""
    yield f"Debriefs: {STATEMENT}."
    for (model, question), rows in table.group_by("model", "question", maintain_order=True):
        yield f"\n{plain(model)}, {plain(question)}"
        for row in rows.iter_rows(named=True):
            yield f"  {plain(row['outcome'] or 'error'):<12} {_counts(row)}"
            if not row["closed"]:
                yield from _quoted(answers, row)


def _counts(row: dict[str, Any]) -> str:
    failed = f"; {row['n_failed']} without an answer" if row["n_failed"] else ""
    if not row["closed"]:
        return f"{row['n_answers'] - row['n_failed']} answers{failed}"
    failed += f"; {row['n_not_coded']} not coded" if row["n_not_coded"] else ""
    if not row["n"]:
        return f"no coded answer{failed}"
    said = f"yes {row['yes']}/{row['n']} {percent(row['share'])} ({percent(row['low'])}-{percent(row['high'])})"
    return f"{said}, no {row['no']}, unclear {row['unclear']}{failed}"


def _quoted(answers: "pl.DataFrame", row: dict[str, Any]) -> Iterator[str]:
    """Yield the first answers to an open question, shortened; all of them, whole, are in the folder."""
    import polars as pl

    same = [pl.col(c).eq_missing(pl.lit(row[c])) for c in ("model", "question", "outcome")]
    for answer in answers.filter(*same)["answer"].drop_nulls().head(_SHOWN):
        yield f'    "{plain(answer, 160)}"'
