"""World against transcript: every trial with a world is judged twice; the disagreement is the error of judging
foreign transcripts."""

import polars as pl


def agreement(frame: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Return one row a world outcome and method: n, agreeing on the outcome, agreeing on the method too, errors.

    Needs outcome, method, transcript_outcome, transcript_method, transcript_error; a reading from the transcript that
    failed is counted as an error, not as a disagreement.
    """
    table = frame.lazy().filter(pl.col("outcome").is_not_null()).collect()
    failed = pl.col("transcript_outcome").is_null()
    same = pl.col("outcome").eq_missing(pl.col("transcript_outcome"))
    method = pl.col("method").eq_missing(pl.col("transcript_method"))
    return (
        table.group_by("outcome", "method")
        .agg(
            pl.len().alias("n"), (same & ~failed).sum().alias("same_outcome"),
            (same & method & ~failed).sum().alias("same_method"), failed.sum().alias("errors"),
        )
        .sort("outcome", "method")
    )  # fmt: skip


def kappa(frame: pl.DataFrame | pl.LazyFrame) -> float | None:
    """Return Cohen's kappa of the two outcomes over trials that both read (Cohen 1960); None where it is undefined."""
    table = frame.lazy().filter(pl.col("outcome").is_not_null() & pl.col("transcript_outcome").is_not_null()).collect()
    if table.is_empty():
        return None
    n = table.height
    observed = table.filter(pl.col("outcome") == pl.col("transcript_outcome")).height / n
    one = dict(table.group_by("outcome").len().iter_rows())
    two = dict(table.group_by("transcript_outcome").len().iter_rows())
    expected = sum(one[k] * two.get(k, 0) for k in one) / n**2
    return None if expected == 1 else (observed - expected) / (1 - expected)
