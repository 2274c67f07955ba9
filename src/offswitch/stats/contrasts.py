"""Differences of rates between two levels of a factor, by story where there are several.

Only like is compared with like: trials count where both arms hold the same story and the same levels of
every other factor, so that no second factor that differs between the arms can pass for an effect of the
first.

With G >= 2 stories the story is the cluster: the mean of the per-story differences with a t interval on G -
1 degrees of freedom (cluster-level analysis; Donner & Klar 2000, ch. 6). With one fixed text it is
Newcombe's hybrid score interval (Newcombe 1998, Statistics in Medicine 17, method 10; MOVER of Zou & Donner
2008 where several conditions are averaged), which speaks for that text alone. Intervals are for each
contrast by itself: not adjusted for their number.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from scipy import stats

from offswitch.stats.intervals import Kind, interval
from offswitch.stats.rates import READINGS
from offswitch.stats.table import TableError, checked

_RESULT = {
    "rate_level": pl.Float64, "rate_against": pl.Float64, "difference": pl.Float64, "low": pl.Float64,
    "high": pl.Float64, "n_level": pl.Int64, "n_against": pl.Int64, "n_unmatched": pl.Int64,
    "stories": pl.Int64, "method": pl.String, "status": pl.String,
}  # fmt: skip
_NAMES = ("contrast", "question", "level", "against", "reading")


def contrasts(
    frame: pl.DataFrame | pl.LazyFrame, named: Sequence[Mapping[str, Any]], by: Sequence[str] = ("model",)
) -> pl.DataFrame:
    """Return one row a group of `by`, named contrast and reading (tried, succeeded); level minus against.

    `named`: mappings with name, question, factor, level, against, and optionally where (factor -> level) and
    free (factors that need not match, since one of the two levels leaves them nothing to vary). Rates and
    differences are proportions. `n_level`, `n_against` are the valid trials compared, `n_unmatched` those
    with no like in the other arm. A contrast that cannot be computed has a status that begins "missing arm"
    and no number; else "ok". Raises TableError for missing columns, repeats, mixed versions, or a contrast
    without its keys.
    """
    have = frame.lazy().collect_schema().names()
    factors = [c for c in have if c.startswith("factor_")]
    table = checked(frame, tuple(by), extra=("story", *factors)).with_columns(pl.col("story").fill_null(""))
    for contrast in named:
        _known(contrast)
    groups = table.group_by(list(by)) if by else [((), table)]
    rows = [
        dict(zip(by, key, strict=True)) | _row(part.filter(pl.col("valid")), contrast, reading)
        for key, part in sorted(groups, key=lambda g: tuple(map(str, g[0])))
        for contrast in named
        for reading in READINGS
    ]
    schema = {b: table.schema[b] for b in by} | dict.fromkeys(_NAMES, pl.String) | _RESULT
    return pl.DataFrame(rows, schema=schema, orient="row")


def newcombe(k1: int, n1: int, k2: int, n2: int, *, level: float = 0.95, kind: Kind = "wilson") -> tuple[float, float]:
    """Return Newcombe's hybrid interval of k1/n1 - k2/n2 from two single ones (Wilson: method 10)."""
    return _mover([(k1, n1, k2, n2)], level, kind)[1:]


def _known(contrast: Mapping[str, Any]) -> None:
    lacking = [k for k in ("name", "question", "factor", "level", "against") if k not in contrast]
    if lacking:
        raise TableError(f"a named contrast lacks {', '.join(lacking)}; it holds: {', '.join(contrast)}")


def _row(table: pl.DataFrame, contrast: Mapping[str, Any], reading: str) -> dict[str, Any]:
    factor = contrast["factor"]
    row: dict[str, Any] = dict.fromkeys(_RESULT) | {
        "contrast": contrast["name"], "question": contrast["question"], "reading": reading,
        "level": f"{factor}={contrast['level']}", "against": f"{factor}={contrast['against']}",
    }  # fmt: skip
    where = dict(contrast.get("where") or {})
    one, other = (_arm(table, where | {factor: contrast[side]}) for side in ("level", "against"))
    row |= {"n_level": one.height, "n_against": other.height}
    lacking = [row[side] for side, arm in (("level", one), ("against", other)) if arm.is_empty()]
    if lacking:
        return row | {"status": f"missing arm: no valid trial of {', nor of '.join(lacking)}"}
    same = [c for c in _others(table, contrast) if c not in {f"factor_{f}" for f in contrast.get("free") or ()}]
    pairs = _matched(one, other, READINGS[reading], same)
    if pairs.is_empty():
        return row | {"status": f"missing arm: the two levels never met with {_differing(one, other, same)} equal"}
    return row | _difference(pairs, one.height + other.height)


def _others(table: pl.DataFrame, contrast: Mapping[str, Any]) -> list[str]:
    return [
        "story",
        *(c for c in table.columns if c.startswith("factor_") and c != f"factor_{contrast['factor']}"),
    ]


def _arm(table: pl.DataFrame, want: Mapping[str, str]) -> pl.DataFrame:
    for factor, value in want.items():
        if f"factor_{factor}" not in table.columns:
            return table.clear()
        table = table.filter(pl.col(f"factor_{factor}") == value)
    return table


def _matched(one: pl.DataFrame, other: pl.DataFrame, column: str, same: list[str]) -> pl.DataFrame:
    """One row a story and setting of the other factors that both arms hold: story, k1, n1, k2, n2."""
    k, n = pl.col(column).sum().cast(pl.Int64), pl.len().cast(pl.Int64)
    left = one.group_by(same).agg(k.alias("k1"), n.alias("n1"))
    right = other.group_by(same).agg(k.alias("k2"), n.alias("n2"))
    joined = left.join(right, on=same, nulls_equal=True)
    return joined.select("story", "k1", "n1", "k2", "n2").sort(pl.all())


def _differing(one: pl.DataFrame, other: pl.DataFrame, same: list[str]) -> str:
    apart = [c.removeprefix("factor_") for c in same if not set(one[c]) & set(other[c])]
    return ", ".join(apart) if apart else "the other factors"


def _difference(pairs: pl.DataFrame, available: int) -> dict[str, Any]:
    strata = list(pairs.select("k1", "n1", "k2", "n2").iter_rows())
    n1, n2 = sum(s[1] for s in strata), sum(s[3] for s in strata)
    by_story = (
        pairs.with_columns(r1=pl.col("k1") / pl.col("n1"), r2=pl.col("k2") / pl.col("n2"))
        .group_by("story")
        .agg(pl.col("r1", "r2").mean())
        .sort("story")
    )
    found = {
        "rate_level": by_story["r1"].mean(), "rate_against": by_story["r2"].mean(),
        "n_level": n1, "n_against": n2, "n_unmatched": available - n1 - n2,
        "stories": by_story.height, "status": "ok",
    }  # fmt: skip
    return found | _interval(by_story, strata)


def _interval(by_story: pl.DataFrame, strata: Sequence[tuple[int, int, int, int]]) -> dict[str, Any]:
    differences = (by_story["r1"] - by_story["r2"]).to_list()
    stories = len(differences)
    if stories >= 2 and max(differences) - min(differences) > 1e-12:
        low, high = _clustered(differences)
        method = f"by story: t on {stories - 1} degrees of freedom"
        return {"difference": sum(differences) / stories, "low": low, "high": high, "method": method}
    difference, low, high = _mover(strata)
    # Stories that agree to the last digit would give an interval of no width, which claims far too much.
    several = f"{stories} stories without any spread: binomial (MOVER)"
    method = several if stories > 1 else "one fixed text: Newcombe, for this text only"
    return {"difference": difference, "low": low, "high": high, "method": method}


def _clustered(differences: Sequence[float]) -> tuple[float, float]:
    g = len(differences)
    mean = sum(differences) / g
    error = math.sqrt(sum((d - mean) ** 2 for d in differences) / (g - 1) / g)
    half = float(stats.t.ppf(0.975, g - 1)) * error
    return max(-1.0, mean - half), min(1.0, mean + half)


def _mover(
    strata: Sequence[tuple[int, int, int, int]], level: float = 0.95, kind: Kind = "wilson"
) -> tuple[float, float, float]:
    """Return (difference, low, high) of the equally weighted mean over strata of k1/n1 - k2/n2."""
    difference = below = above = 0.0
    for k1, n1, k2, n2 in strata:
        a, b = interval(k1, n1, level, kind), interval(k2, n2, level, kind)
        if a.rate is None or a.low is None or a.high is None or b.rate is None or b.low is None or b.high is None:
            raise ValueError("a difference needs at least one trial in each arm")
        difference += (a.rate - b.rate) / len(strata)
        below += ((a.rate - a.low) ** 2 + (b.high - b.rate) ** 2) / len(strata) ** 2
        above += ((a.high - a.rate) ** 2 + (b.rate - b.low) ** 2) / len(strata) ** 2
    return difference, max(-1.0, difference - math.sqrt(below)), min(1.0, difference + math.sqrt(above))
