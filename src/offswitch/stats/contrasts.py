"""Differences of rates between two levels of a factor, by story where there are several.

With G >= 2 stories the story is the cluster: the mean of the per-story differences with a t interval on G - 1 degrees
(cluster-level analysis; Donner & Klar 2000, ch. 6). With one fixed text it is Newcombe's hybrid score interval
(Newcombe 1998, Statistics in Medicine 17, method 10), which speaks for that text alone.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from scipy import stats

from offswitch.stats.intervals import interval
from offswitch.stats.rates import checked

_COLUMNS = {
    "contrast": pl.String, "question": pl.String, "model": pl.String, "level": pl.String, "against": pl.String, "reading": pl.String,
    "difference": pl.Float64, "low": pl.Float64, "high": pl.Float64, "n_level": pl.Int64, "n_against": pl.Int64,
    "stories": pl.Int64, "method": pl.String, "status": pl.String,
}  # fmt: skip
_READINGS = {"tried": "tried", "succeeded": "positive"}


def contrasts(frame: pl.DataFrame | pl.LazyFrame, named: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return one row a model, named contrast and reading; differences are of proportions, level minus against.

    `named`: mappings with name, question, factor, level, against, and optionally where (factor -> level). A contrast
    whose arm is missing has a row that says so and no number.
    """
    factors = sorted({f"factor_{f}" for c in named for f in (c["factor"], *c.get("where", {}))})
    have = frame.lazy().collect_schema().names()
    table = checked(frame, ("story", *(f for f in factors if f in have)))
    rows = [
        _row(table.filter(pl.col("model") == model), str(model), contrast, reading)
        for model in table["model"].unique().sort() for contrast in named for reading in _READINGS
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=_COLUMNS, orient="row")


def _row(table: pl.DataFrame, model: str, contrast: Mapping[str, Any], reading: str) -> dict[str, Any]:
    one, other = (_arm(table, contrast, contrast[side]) for side in ("level", "against"))
    row: dict[str, Any] = dict.fromkeys(_COLUMNS) | {
        "contrast": contrast["name"], "question": contrast["question"], "model": model, "reading": reading,
        "level": f"{contrast['factor']}={contrast['level']}", "against": f"{contrast['factor']}={contrast['against']}",
        "n_level": one.height, "n_against": other.height,
    }  # fmt: skip
    lacking = [row[side] for side, arm in (("level", one), ("against", other)) if arm.is_empty()]
    if lacking:
        return row | {"status": f"missing arm: {', '.join(lacking)}"}
    return row | _difference(one, other, _READINGS[reading])


def _arm(table: pl.DataFrame, contrast: Mapping[str, Any], level: str) -> pl.DataFrame:
    """The valid trials of one arm. Other factors are held at one setting: the two arms must share them."""
    want = {**contrast.get("where", {}), contrast["factor"]: level}
    for factor, value in want.items():
        if f"factor_{factor}" not in table.columns:
            return table.clear()
        table = table.filter(pl.col(f"factor_{factor}") == value)
    return table.filter(pl.col("valid"))


def _difference(one: pl.DataFrame, other: pl.DataFrame, column: str) -> dict[str, Any]:
    shared = sorted(set(one["story"]) & set(other["story"]))
    if len(shared) >= 2:
        found = _clustered([_mean(one, s, column) - _mean(other, s, column) for s in shared])
        return found | {"stories": len(shared), "method": f"cluster t, {len(shared)} stories", "status": "ok"}
    k1, k2 = (int(a[column].fill_null(False).sum()) for a in (one, other))
    low, high = newcombe(k1, one.height, k2, other.height)
    difference = k1 / one.height - k2 / other.height
    return {"difference": difference, "low": low, "high": high, "stories": len(shared), "method": "Newcombe, this text only", "status": "ok"}


def _mean(arm: pl.DataFrame, story: str, column: str) -> float:
    values = arm.filter(pl.col("story") == story)[column].fill_null(False)
    return float(values.cast(pl.Float64).mean())  # type: ignore[arg-type]  # never empty: the story is shared


def _clustered(differences: Sequence[float]) -> dict[str, Any]:
    g = len(differences)
    mean = sum(differences) / g
    spread = math.sqrt(sum((d - mean) ** 2 for d in differences) / (g - 1) / g)
    half = float(stats.t.ppf(0.975, g - 1)) * spread
    return {"difference": mean, "low": max(-1.0, mean - half), "high": min(1.0, mean + half)}


def newcombe(k1: int, n1: int, k2: int, n2: int, level: float = 0.95) -> tuple[float, float]:
    """Return Newcombe's hybrid score interval of k1/n1 - k2/n2 (his method 10, from two Wilson intervals)."""
    a, b = interval(k1, n1, level, "wilson"), interval(k2, n2, level, "wilson")
    assert a.rate is not None and a.low is not None and a.high is not None
    assert b.rate is not None and b.low is not None and b.high is not None
    d = a.rate - b.rate
    low = d - math.sqrt((a.rate - a.low) ** 2 + (b.high - b.rate) ** 2)
    high = d + math.sqrt((a.high - a.rate) ** 2 + (b.rate - b.low) ** 2)
    return max(-1.0, low), min(1.0, high)
