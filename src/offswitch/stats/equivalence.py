"""Whether a rate is the same, within a margin stated beforehand: two one-sided tests (Schuirmann 1987).

That two rates do not differ significantly says nothing: too few trials would show as much. Here the burden is the other
way round. Two nulls are tested, that the difference is -margin or less and that it is +margin or more, each at `alpha`;
if both are refused the rates are equivalent. That is so exactly where the 1 - 2 alpha interval (90% by default) lies
within the margin. Tests and interval are those of Agresti & Caffo (2000, The American Statistician 54(4), pp. 280-288),
which stay defined where a rate is 0 or 1; from statsmodels. Trials that come in twins are compared in pairs (`match`).
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, tost_proportions_2indep

from offswitch.stats.matched import matched_one_sided, pairs
from offswitch.stats.rates import READINGS
from offswitch.stats.table import TableError, checked

MARGIN = 0.10
_METHOD = "agresti-caffo"
_RESULT: dict[str, Any] = {
    "reading": pl.String, "n_one": pl.Int64, "n_other": pl.Int64, "rate_one": pl.Float64, "rate_other": pl.Float64,
    "difference": pl.Float64, "low": pl.Float64, "high": pl.Float64, "p_below": pl.Float64, "p_above": pl.Float64,
    "equivalent": pl.Boolean, "status": pl.String,
}  # fmt: skip


def equivalence(
    frame: pl.DataFrame | pl.LazyFrame, of: str, pair: tuple[str, str], by: Sequence[str] = (), *,
    margin: float = MARGIN, alpha: float = 0.05, match: Sequence[str] = (),
) -> pl.DataFrame:  # fmt: skip
    """Return one row a group of `by` and reading (tried, succeeded): is the rate the same at both values of column `of`?

    `pair` are the two values; `difference` is the first's rate minus the second's, over valid trials, as proportions.
    `low`, `high`: its 1 - 2 alpha interval. `p_below`, `p_above`: p of the null that it is -margin or less, +margin or
    more. `equivalent`: both are below alpha. A group without a valid trial on one side has a status that begins "missing
    arm", and no number; else "ok". Groups are tested each by itself: for all at once to hold, each must.

    `match` names the columns that a trial has in common with its twin at the other value: then only pairs valid on both
    sides count, `n_one` and `n_other` are their number, and the tests are those of `stats.matched`.

    Raises TableError for missing columns, repeats, mixed versions, a value of `pair` that the column lacks, and
    ValueError for a margin or alpha outside (0, 1) and (0, 0.5), and where two trials of a side could be the same twin.
    """
    _bounded(margin, alpha)
    table = checked(frame, by, extra=(of, *match))
    there = set(table[of])
    if lacking := [value for value in pair if value not in there]:
        raise TableError(f"no trial has {of}={', '.join(lacking)}; there is: {', '.join(sorted(map(str, there)))}")
    groups = sorted(table.group_by(list(by)), key=lambda g: tuple(map(str, g[0]))) if by else [((), table)]
    rows = [
        dict(zip(by, key, strict=True)) | _compared(part, of, pair, reading, match, margin, alpha)
        for key, part in groups
        for reading in READINGS
    ]
    return pl.DataFrame(rows, schema={b: table.schema[b] for b in by} | _RESULT, orient="row")


def two_one_sided(
    k1: int, n1: int, k2: int, n2: int, margin: float = MARGIN, alpha: float = 0.05
) -> tuple[float, float, float, float]:
    """Return (low, high, p_below, p_above) for k1 of n1 against k2 of n2; see `equivalence`. ValueError for no trial."""
    _bounded(margin, alpha)
    if not (0 <= k1 <= n1 and 0 <= k2 <= n2 and n1 and n2):
        raise ValueError(f"two rates need 0 <= k <= n and n > 0; given {k1} of {n1} and {k2} of {n2}")
    low, high = confint_proportions_2indep(k1, n1, k2, n2, method=_METHOD, compare="diff", alpha=2 * alpha)
    with np.errstate(divide="ignore", invalid="ignore"):  # statsmodels computes ratios beside, which no one reads here
        found = tost_proportions_2indep(k1, n1, k2, n2, -margin, margin, method=_METHOD, compare="diff")
    p_below, p_above = (float(one.pvalue) for one in (found.results_larger, found.results_smaller))
    return max(-1.0, float(low)), min(1.0, float(high)), p_below, p_above


def trials_needed(rate: float = 0.5, margin: float = MARGIN, power: float = 0.8, alpha: float = 0.05) -> int:
    """Return how many valid trials each side needs, so that equal rates are found equivalent with probability `power`.

    The usual normal approximation (Chow, Shao & Wang 2008, section 4.2), for a true difference of 0; 0.5 is the rate
    that needs most. Raises ValueError for what is no probability.
    """
    _bounded(margin, alpha)
    if not (0 < rate < 1 and 0 < power < 1):
        raise ValueError(f"rate and power lie between 0 and 1; given {rate} and {power}")
    z = float(stats.norm.ppf(1 - alpha) + stats.norm.ppf((1 + power) / 2))
    return math.ceil(2 * rate * (1 - rate) * (z / margin) ** 2)


def _bounded(margin: float, alpha: float) -> None:
    if not (0 < margin < 1 and 0 < alpha < 0.5):
        raise ValueError(f"a margin lies between 0 and 1, alpha between 0 and 0.5; given {margin} and {alpha}")


def _compared(
    part: pl.DataFrame, of: str, pair: tuple[str, str], reading: str, match: Sequence[str], margin: float, alpha: float
) -> dict[str, Any]:
    """Return one row of the result."""
    column = READINGS[reading]
    if match:
        found = pairs(part, of, pair, list(match))
        one, other = found[column], found[f"{column}_other"]
    else:
        one, other = (part.filter(pl.col("valid") & (pl.col(of) == value))[column] for value in pair)
    row: dict[str, Any] = dict.fromkeys(_RESULT) | {"reading": reading, "n_one": len(one), "n_other": len(other)}
    if lacking := [f"{of}={value}" for value, hits in zip(pair, (one, other), strict=True) if hits.is_empty()]:
        return row | {"status": f"missing arm: no valid trial of {', nor of '.join(lacking)}"}
    k1, k2, n1, n2 = int(one.sum()), int(other.sum()), len(one), len(other)
    if match:
        low, high, p_below, p_above = matched_one_sided(
            int((one & ~other).sum()), int((other & ~one).sum()), n1, margin, alpha
        )
    else:
        low, high, p_below, p_above = two_one_sided(k1, n1, k2, n2, margin, alpha)
    return row | {
        "rate_one": k1 / n1, "rate_other": k2 / n2, "difference": k1 / n1 - k2 / n2, "low": low, "high": high,
        "p_below": p_below, "p_above": p_above, "equivalent": max(p_below, p_above) < alpha, "status": "ok",
    }  # fmt: skip
