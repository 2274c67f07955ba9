"""`offswitch estimate`: rates and contrasts of one or several runs."""

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from offswitch.cli.shared import Json, Runs, show

if TYPE_CHECKING:
    import polars as pl


def estimate(
    runs: Runs,
    by: Annotated[str, typer.Option(help="Columns to group by, with commas; factors as factor_NAME.")] = "",
    contrasts: Annotated[bool, typer.Option("--contrasts", help="Also the scenario's named contrasts.")] = False,
    as_json: Json = False,
) -> None:
    """Print how often each model tried and succeeded, with 95% intervals.

    Example: offswitch estimate runs/first-light --by model,factor_instruction
    """
    import polars as pl

    from offswitch.stats import contrasts as compute
    from offswitch.stats import rates
    from offswitch.store import open_run, read_manifest

    frame = pl.concat([open_run(r) for r in runs], how="diagonal_relaxed")
    columns = [c.strip() for c in by.split(",") if c.strip()] or [
        "model",
        *_varied(frame.select(pl.selectors.starts_with("factor_")).collect()),
    ]
    table = rates(frame, columns)
    tables = {"rates": table}
    if contrasts:
        named = {c["name"]: c for r in runs for c in read_manifest(r)["contrasts"]}
        tables["contrasts"] = compute(frame, list(named.values()))
    if as_json:
        sys.stdout.write(json.dumps({name: t.to_dicts() for name, t in tables.items()}, default=str) + "\n")
        return
    show(_shown(table, columns), False, "Rates over all valid trials, with 95% Jeffreys intervals")
    if contrasts:
        show(_spans(tables["contrasts"]), False, "Contrasts: differences of rates")


def _shown(table: "pl.DataFrame", columns: list[str]) -> "pl.DataFrame":
    """The rates as people read them: `0.471 [0.254, 0.697]`."""
    import polars as pl

    named = [pl.col(c).alias(c.removeprefix("factor_")) for c in columns]
    told = [
        _told(f"{r}_{base}").alias(f"{r} / {base}") for r in ("tried", "succeeded") for base in ("valid", "exposed")
    ]
    return table.select(
        *named,
        pl.col("n_valid").alias("valid"),
        pl.col("n_exposed").alias("exposed"),
        pl.col("n_error").alias("errors"),
        *told,
    )


def _told(name: str) -> "pl.Expr":
    import polars as pl

    parts = [pl.col(name + end).round(3).cast(pl.String) for end in ("", "_low", "_high")]
    return pl.format("{} [{}, {}]", *parts)


def _spans(table: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    span = pl.format("{} [{}, {}]", *(pl.col(c).round(3).cast(pl.String) for c in ("difference", "low", "high")))
    return table.select("contrast", "model", "reading", pl.coalesce(span, "status").alias("difference"))


def _varied(frame: object) -> list[str]:
    """The factors with more than one level."""
    import polars as pl

    assert isinstance(frame, pl.DataFrame)
    return [c for c in frame.columns if frame[c].drop_nulls().n_unique() > 1]
