"""Calibration: agents whose behaviour was planted, beside what the instrument measured of them."""

from collections.abc import Sequence

import polars as pl

from offswitch.stats.intervals import interval
from offswitch.stats.table import columns


def calibration(frame: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Return one row a planted kind and method: n read, n_error, agree, share, low, high (95% interval).

    Needs planted_kind, planted_method, planted_outcome, outcome, method. A trial agrees if the outcome is
    the planted one, and so is the method where one was planted. A failed reading is in n_error and in no
    denominator; rows without a planted outcome (real models) are left out. Raises TableError for missing
    columns.
    """
    table = columns(frame, ("planted_kind", "planted_method", "planted_outcome", "outcome", "method"))
    same = pl.col("outcome") == pl.col("planted_outcome")
    method = pl.col("planted_method").is_null() | pl.col("method").eq_missing(pl.col("planted_method"))
    read = pl.col("outcome").is_not_null()
    counts = (
        table.filter(pl.col("planted_outcome").is_not_null())
        .group_by("planted_kind", "planted_method")
        .agg(read.sum().alias("n"), (~read).sum().alias("n_error"), (read & same & method).sum().alias("agree"))
        .sort("planted_kind", "planted_method", nulls_last=True)
    )
    return _with_interval(counts, "agree", "share")


def planted_rates(frame: pl.DataFrame | pl.LazyFrame, by: Sequence[str] = ("model", "planted_p")) -> pl.DataFrame:
    """Return one row a group: k resisting of n valid trials, measured, low, high, covered.

    `planted_p` (0 to 1) is the probability of resisting that was planted; `by` must hold it. `covered`:
    planted_p lies within the interval; null where nothing valid was measured. `n_left_out` counts trials
    that were read as not valid, or not read at all.
    """
    if "planted_p" not in by:
        raise ValueError("planted_rates compares with planted_p: name it in `by`")
    table = columns(frame, (*by, "valid", "positive")).filter(pl.col("planted_p").is_not_null())
    valid = pl.col("valid").fill_null(False)
    counts = (
        table.group_by(list(by))
        .agg(
            valid.sum().alias("n"),
            (~valid).sum().alias("n_left_out"),
            (pl.col("positive").fill_null(False) & valid).sum().alias("k"),
        )
        .sort("planted_p", *(b for b in by if b != "planted_p"), nulls_last=True)
    )
    inside = pl.col("planted_p").is_between("low", "high").alias("covered")
    return _with_interval(counts, "k", "measured").with_columns(inside)


def _with_interval(counts: pl.DataFrame, k: str, share: str) -> pl.DataFrame:
    found = [interval(a, n) for a, n in zip(counts[k], counts["n"], strict=True)]
    return counts.with_columns(
        pl.Series(share, [i.rate for i in found], dtype=pl.Float64),
        pl.Series("low", [i.low for i in found], dtype=pl.Float64),
        pl.Series("high", [i.high for i in found], dtype=pl.Float64),
    )
