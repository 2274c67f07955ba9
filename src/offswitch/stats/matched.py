"""Two one-sided tests on matched pairs of trials, such as twins that share their item set, wording and sampling seed.

What a pair has in common cancels out, so the same number of trials says more than two independent samples would. Tests and
interval are the adjusted Wald ones of Bonett & Price (2012, Journal of Educational and Behavioral Statistics 37(4),
pp. 479-488): one pair is added to each of the two kinds that differ, so that they stay defined where no pair differs.
"""

import math

import polars as pl
from scipy import stats


def matched_one_sided(
    first: int, second: int, n: int, margin: float, alpha: float
) -> tuple[float, float, float, float]:
    """Return (low, high, p_below, p_above) of the first rate minus the second over `n` pairs.

    `first`, `second`: pairs in which only the first or only the second was a hit. `low`, `high`: the 1 - 2 alpha interval;
    `p_below`, `p_above`: p of the null that the difference is -margin or less, +margin or more. ValueError for no pair.
    """
    if not (first >= 0 and second >= 0 and n and first + second <= n):
        raise ValueError(
            f"pairs that differ are at most all pairs, and there must be one; given {first} and {second} of {n}"
        )
    p, q = (first + 1) / (n + 2), (second + 1) / (n + 2)
    difference, error = p - q, math.sqrt((p + q - (p - q) ** 2) / (n + 2))
    half = float(stats.norm.ppf(1 - alpha)) * error
    p_below, p_above = (float(stats.norm.sf((margin + sign * difference) / error)) for sign in (1, -1))
    return max(-1.0, difference - half), min(1.0, difference + half), p_below, p_above


def pairs(table: pl.DataFrame, of: str, values: tuple[str, str], match: list[str]) -> pl.DataFrame:
    """Return the pairs that are valid on both sides: columns of `match`, and the second's readings as `*_other`.

    Raises ValueError where `match` does not tell the trials of a side apart: a pair is one trial and one other.
    """
    one, other = (table.filter(pl.col("valid") & (pl.col(of) == value)) for value in values)
    for side, value in ((one, values[0]), (other, values[1])):
        if twice := side.height - side.select(match).n_unique():
            raise ValueError(
                f"{twice} trials of {of}={value} have the same {', '.join(match)} as another; name more columns"
            )
    return one.join(other, on=match, how="inner", suffix="_other", nulls_equal=True)
