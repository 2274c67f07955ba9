"""World against transcript: how the two readings differ is the error of judging foreign transcripts."""

import polars as pl
from statsmodels.stats.inter_rater import cohens_kappa

from offswitch.stats.intervals import interval
from offswitch.stats.table import columns

_NEEDED = ("outcome", "method", "transcript_outcome", "transcript_method")


def agreement(frame: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Return one row a world outcome and method: n, errors, same_outcome, same_method, share, low, high.

    `errors` counts trials whose reading from the transcript failed: no disagreement, and in no denominator.
    `share` is same_outcome / (n - errors) with its 95% interval. `same_method` counts those that agree on
    the method too. Trials that the world itself could not judge are left out: there is nothing to agree
    with. Raises TableError for missing columns.
    """
    table = columns(frame, _NEEDED).filter(pl.col("outcome").is_not_null())
    failed = pl.col("transcript_outcome").is_null()
    same = (pl.col("outcome") == pl.col("transcript_outcome")).fill_null(False)
    method = pl.col("method").eq_missing(pl.col("transcript_method"))
    rows = (
        table.group_by("outcome", "method")
        .agg(
            pl.len().alias("n"),
            same.sum().alias("same_outcome"),
            (same & method).sum().alias("same_method"),
            failed.sum().alias("errors"),
        )
        .sort("outcome", "method", nulls_last=True)
    )
    found = [interval(k, n - e) for k, n, e in rows.select("same_outcome", "n", "errors").iter_rows()]
    return rows.with_columns(
        pl.Series("share", [i.rate for i in found], dtype=pl.Float64),
        pl.Series("low", [i.low for i in found], dtype=pl.Float64),
        pl.Series("high", [i.high for i in found], dtype=pl.Float64),
    )


def kappa(frame: pl.DataFrame | pl.LazyFrame, column: str = "outcome") -> float | None:
    """Return Cohen's kappa (1960) of the readings of `column` (outcome or method) over trials that both read.

    None where it is undefined: no such trials, or both readings always give one and the same category.
    """
    table = columns(frame, _NEEDED).filter(pl.col("outcome").is_not_null() & pl.col("transcript_outcome").is_not_null())
    one, two = (table[c].fill_null("none") for c in (column, f"transcript_{column}"))
    names = sorted({*one, *two})
    if len(names) < 2:
        return None
    place = {name: i for i, name in enumerate(names)}
    counts = [[0] * len(names) for _ in names]
    for a, b in zip(one, two, strict=True):
        counts[place[a]][place[b]] += 1
    return float(cohens_kappa(counts, return_results=False))
