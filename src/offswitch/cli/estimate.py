"""`offswitch estimate`: rates and contrasts of one or several runs."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from offswitch.cli.rates_table import composite_text, contrasts_text, corrected_text, rates_text
from offswitch.cli.shared import Json, Runs, say


def estimate(
    runs: Runs,
    by: Annotated[str, typer.Option(help="Columns to group by, with commas; factors as factor_NAME.")] = "",
    contrasts: Annotated[bool, typer.Option("--contrasts", help="Also the scenario's named contrasts.")] = False,
    composite: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Also a mean of several scenarios, e.g. agentic_misalignment_mean."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Print how often each model tried and succeeded, with 95% intervals.

    Where a judge read what was sent, the rates of trying stand as it said and corrected for its errors.

    Example: offswitch estimate runs/first-light --by model,factor_instruction
    """
    import polars as pl

    from offswitch.report.corrected import corrected_rates
    from offswitch.stats import composite as means
    from offswitch.stats import contrasts as compute
    from offswitch.stats import rates
    from offswitch.store import counted, cut_short, read_manifest, set_aside

    opened = [(r, *counted(r)) for r in runs]
    frame = pl.concat([trials for _, trials, _ in opened], how="diagonal_relaxed")
    for run, _, aside in opened:
        for note in (set_aside(run, aside) if aside else None, cut_short(run)):
            if note:
                say(note)
    columns = [c.strip() for c in by.split(",") if c.strip()] or [
        "model",
        *_varied(frame.select("scenario").collect()),
        *_varied(frame.select(pl.selectors.starts_with("factor_")).collect()),
    ]
    table = rates(frame, columns)
    tables, right = {"rates": table}, corrected_rates(frame, runs, columns)
    if right:
        tables["corrected"] = right.frame
    if contrasts:
        named = {c["name"]: c for r in runs for c in read_manifest(r)["contrasts"]}
        tables["contrasts"] = compute(frame, list(named.values()))
    if composite:
        tables["composite"] = means(frame, composite, _weights(composite, runs))
    if as_json:
        sys.stdout.write(json.dumps({name: t.to_dicts() for name, t in tables.items()}, default=str) + "\n")
        return
    sys.stdout.write(rates_text(table, columns) + "\n")
    if right:
        sys.stdout.write(corrected_text(right.frame, right.notes, columns) + "\n")
    if contrasts:
        sys.stdout.write(contrasts_text(tables["contrasts"]) + "\n")
    if composite:
        sys.stdout.write(composite_text(tables["composite"]) + "\n")


def _weights(name: str, runs: Sequence[Path]) -> dict[str, float]:
    """The weights of a composite, as the runs' scenarios declare it. Raises StudyError for one that none of them does."""
    from offswitch.store import read_manifest
    from offswitch.study.factors import unknown

    declared = {c["name"]: c["weights"] for r in runs if (c := read_manifest(r).get("composite"))}
    if name not in declared:
        raise unknown("composite", name, declared or ["none is declared by these runs' scenarios"])
    found: dict[str, float] = declared[name]
    return found


def _varied(frame: object) -> list[str]:
    """The factors with more than one level."""
    import polars as pl

    assert isinstance(frame, pl.DataFrame)
    return [c for c in frame.columns if frame[c].drop_nulls().n_unique() > 1]
