"""The mean of several scenarios' rates with weights that are fixed beforehand, as the midtraining papers give one.

It is no rate of one behaviour, and none of self-preservation: trials of unlike behaviours stand in it by decree. The interval is
MOVER (method of variance estimates recovery; Zou & Donner 2008, Statistics in Medicine 27(10), for a weighted sum of independent
proportions) over the Jeffreys intervals of the single rates.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from offswitch.stats.intervals import Interval, interval
from offswitch.stats.rates import READINGS
from offswitch.stats.table import TableError, checked

_RESULT = {
    "composite": pl.String, "reading": pl.String, "mean": pl.Float64, "low": pl.Float64, "high": pl.Float64, "n_valid": pl.Int64,
    "parts": pl.String, "status": pl.String,
}  # fmt: skip


def composite(
    frame: pl.DataFrame | pl.LazyFrame, name: str, weights: Mapping[str, float], by: Sequence[str] = ("model",)
) -> pl.DataFrame:
    """Return one row a group of `by` and reading (tried, succeeded): the weighted mean of the scenarios' rates, with its 95% interval.

    `weights` gives each scenario its share; they must add up to 1. A group without a valid trial of one of them has no mean, and a
    status that says so: weights are never spread over what is there. Trials of other scenarios are left aside. Raises TableError.
    """
    if not math.isclose(sum(weights.values()), 1.0, abs_tol=1e-9) or min(weights.values()) <= 0:
        raise TableError(f"the weights of {name} are positive and add up to 1; given {dict(weights)}")
    table = checked(frame, (*by, "scenario")).filter(pl.col("scenario").is_in(list(weights)) & pl.col("valid"))
    groups = sorted(table.group_by(list(by)), key=lambda g: tuple(map(str, g[0]))) if by else [((), table)]
    rows = [
        dict(zip(by, key, strict=True)) | _row(part, name, weights, reading) for key, part in groups for reading in READINGS
    ]  # fmt: skip
    schema: dict[str, Any] = {**{b: table.schema[b] for b in by}, **_RESULT}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _row(part: pl.DataFrame, name: str, weights: Mapping[str, float], reading: str) -> dict[str, Any]:
    hits = pl.col(READINGS[reading])
    found = {s: _interval(part.filter(pl.col("scenario") == s), hits) for s in weights}
    told = ", ".join(f"{s} {i.k}/{i.n}" for s, i in found.items())
    row: dict[str, Any] = {
        "composite": name,
        "reading": reading,
        "n_valid": sum(i.n for i in found.values()),
        "parts": told,
    }
    if lacking := [s for s, i in found.items() if not i.n]:
        return row | {"status": f"missing: no valid trial of {', '.join(lacking)}"}
    mean = sum(weights[s] * (i.rate or 0.0) for s, i in found.items())
    below, above = (
        math.sqrt(sum((weights[s] * _arm(i, side)) ** 2 for s, i in found.items())) for side in ("low", "high")
    )
    return row | {"mean": mean, "low": mean - below, "high": mean + above, "status": "ok"}


def _interval(part: pl.DataFrame, hits: pl.Expr) -> Interval:
    return interval(int(part.select(hits.sum()).item() or 0), part.height)


def _arm(found: Interval, side: str) -> float:
    """How far the interval reaches on one side of the rate."""
    end = found.low if side == "low" else found.high
    return abs((found.rate or 0.0) - (end or 0.0))
