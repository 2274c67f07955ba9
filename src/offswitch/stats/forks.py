"""What forks tell: each trial's own propensity, and how much of the variance lies between trials and within them."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from offswitch.stats.table import TableError


@dataclass(frozen=True, slots=True)
class Split:
    """The variance of one fork's outcome, split. All are variances of a 0/1 variable (at most 0.25); `share` is between / all.

    `trials` were forked `forks` times in all; `missing` forks were not valid. `mean` is the mean propensity of a trial.
    """

    trials: int
    forks: int
    missing: int
    mean: float | None
    between: float | None
    within: float | None
    share: float | None


def per_trial(forks: pl.DataFrame) -> pl.DataFrame:
    """Return a row a forked trial: `parent`, n (valid forks), k (those that tried), tried (k / n), missing.

    Raises TableError if the frame has no forks' columns.
    """
    needed = {"source_uri", "valid", "tried"}
    if lacking := needed - set(forks.columns):
        raise TableError(
            f"these are no forks: {', '.join(sorted(lacking))} missing; open them with open_run(RUN/forks, whole=True)"
        )
    valid = pl.col("valid").fill_null(False)
    hit = (pl.col("tried").fill_null(False) & valid).sum().cast(pl.Int64)
    out = forks.group_by(pl.col("source_uri").alias("parent"), maintain_order=True).agg(
        valid.sum().cast(pl.Int64).alias("n"), hit.alias("k"), (~valid).sum().cast(pl.Int64).alias("missing")
    )
    return out.with_columns(pl.when(pl.col("n") > 0).then(pl.col("k") / pl.col("n")).alias("tried"))


def split(forks: pl.DataFrame) -> Split:
    """Split the variance of trying by the one-way analysis of variance for trials of unequal numbers of forks.

    The within component is the mean square within trials, the between one (MSB - MSW) / n0, at least 0 (Searle, Casella and
    McCulloch, Variance Components, 1992, section 3.6; for 0/1 outcomes Ridout et al., Biometrics 55, 1999). None of it where
    no trial has two valid forks or only one trial has any.
    """
    table = per_trial(forks)
    known = table.filter(pl.col("n") > 0)
    n, p = known["n"].to_list(), known["tried"].to_list()
    forked, missing, mean = sum(n), int(table["missing"].sum()), sum(p) / len(p) if p else None
    if len(n) < 2 or forked <= len(n):
        return Split(len(n), forked, missing, mean, None, None, None)
    msb, msw, n0 = _squares(n, p)
    between = max(0.0, (msb - msw) / n0)
    whole = between + msw
    return Split(len(n), forked, missing, mean, between, msw, between / whole if whole else None)


def _squares(n: Sequence[int], p: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean squares between and within trials, and the effective number of forks a trial."""
    total, groups = sum(n), len(n)
    grand = sum(a * b for a, b in zip(n, p, strict=True)) / total
    msb = sum(a * (b - grand) ** 2 for a, b in zip(n, p, strict=True)) / (groups - 1)
    msw = sum(a * b * (1 - b) for a, b in zip(n, p, strict=True)) / (total - groups)
    return msb, msw, (total - sum(a * a for a in n) / total) / (groups - 1)
