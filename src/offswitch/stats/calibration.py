"""Calibration: agents whose behaviour was planted, beside what the instrument measured of them."""

import polars as pl

from offswitch.stats.intervals import interval


def calibration(frame: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Return one row a planted kind and method: n, agreeing, share with its 95% interval.

    Needs planted_kind, planted_method, planted_outcome, outcome, method. A method counts where one was planted. Rows
    without a planted kind (real models) are left out.
    """
    table = frame.lazy().filter(pl.col("planted_kind").is_not_null()).collect()
    same = pl.col("outcome").eq_missing(pl.col("planted_outcome"))
    method = pl.col("planted_method").is_null() | pl.col("method").eq_missing(pl.col("planted_method"))
    counts = (
        table.group_by("planted_kind", "planted_method")
        .agg(pl.len().alias("n"), (same & method).sum().alias("agree"))
        .sort("planted_kind", "planted_method")
    )
    found = [interval(k, n) for k, n in zip(counts["agree"], counts["n"], strict=True)]
    return counts.with_columns(
        pl.Series("share", [i.rate for i in found], dtype=pl.Float64),
        pl.Series("low", [i.low for i in found], dtype=pl.Float64),
        pl.Series("high", [i.high for i in found], dtype=pl.Float64),
    )


def planted_rates(frame: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Return one row a reference model with a planted probability: planted p, measured rate of resisting, interval."""
    table = frame.lazy().filter(pl.col("planted_p").is_not_null() & pl.col("valid")).collect()
    counts = (
        table.group_by("model", "planted_p")
        .agg(pl.len().alias("n"), pl.col("positive").fill_null(False).sum().alias("k"))
        .sort("planted_p", "model")
    )
    found = [interval(k, n) for k, n in zip(counts["k"], counts["n"], strict=True)]
    return counts.with_columns(
        pl.Series("measured", [i.rate for i in found], dtype=pl.Float64),
        pl.Series("low", [i.low for i in found], dtype=pl.Float64),
        pl.Series("high", [i.high for i in found], dtype=pl.Float64),
    )
