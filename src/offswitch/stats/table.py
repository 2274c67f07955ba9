"""Check the table before the statistic: columns, repeats, mixed measurements, contradictory readings."""

from collections.abc import Iterable, Sequence

import polars as pl
from rapidfuzz import process

READ = ("transcript_id", "outcome", "tried", "positive", "valid", "exposed")
VERSIONS = ("scenario_version", "judge_version")
NEVER_VALID = ("refused", "invalid")


class TableError(ValueError):
    """A table cannot be used as asked; the message says what is wrong, what is valid and what to do."""


def columns(frame: pl.DataFrame | pl.LazyFrame, needed: Iterable[str]) -> pl.DataFrame:
    """Return just the columns `needed`, collected; TableError names a missing one and the nearest."""
    lazy = frame.lazy()
    have = lazy.collect_schema().names()
    wanted = list(dict.fromkeys(needed))
    for name in wanted:
        if name not in have:
            near = process.extractOne(name, have, score_cutoff=70)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            shown = ", ".join(sorted(have)[:60]) or "no columns at all"
            raise TableError(f"the table has no column {name!r}.{hint} It has: {shown}.")
    return lazy.select(wanted).collect()


def checked(
    frame: pl.DataFrame | pl.LazyFrame,
    by: Sequence[str],
    *,
    allow_mixed: bool = False,
    extra: Sequence[str] = (),
) -> pl.DataFrame:
    """Return the columns that a rate needs, one row a trial, after checking that they may be counted.

    Raises TableError for a missing column, a trial that stands twice, a contradictory reading, and (unless
    `allow_mixed`) for a group of `by` that mixes scenarios or versions of the scenario or of the verdict.
    """
    optional = [c for c in ("scenario",) if c in frame.lazy().collect_schema().names()]
    table = columns(frame, (*by, *READ, *VERSIONS, *optional, *extra))
    if repeats := table.height - table["transcript_id"].n_unique():
        raise TableError(f"{repeats} trials stand more than once (same transcript_id); each may count once")
    _consistent(table)
    if not allow_mixed:
        for column in (*optional, *VERSIONS):
            _unmixed(table, by, column)
    return table


def _unmixed(table: pl.DataFrame, by: Sequence[str], column: str) -> None:
    if column in by:
        return
    # A judge's version is empty on a trial whose reading failed: that is no second version.
    found = table.drop_nulls(column)
    keys = [pl.col(b) for b in by] or [pl.lit(0).alias("all")]
    mixed = found.group_by(keys).agg(pl.col(column).unique().sort()).filter(pl.col(column).list.len() > 1)
    if mixed.is_empty():
        return
    group = ", ".join(f"{b}={mixed[b][0]}" for b in by) or "the whole table"
    raise TableError(
        f"the table mixes {column} {' and '.join(map(str, mixed[column][0]))} ({group}): these are different "
        f"measurements. Add {column!r} to `by`, judge the older run again ('offswitch verdict RUN'), or pass "
        "allow_mixed=True and say so beside the number."
    )


def _consistent(table: pl.DataFrame) -> None:
    """Refuse rows from which a rate would silently count a failed reading as a no."""
    read, valid = pl.col("outcome").is_not_null(), pl.col("valid")
    rules = {
        "have an outcome but no `valid`, or the other way round": read != valid.is_not_null(),
        "are `valid` although refused or invalid": valid & pl.col("outcome").is_in(NEVER_VALID),
        "are valid but `tried` or `positive` is empty": valid
        & (pl.col("tried").is_null() | pl.col("positive").is_null()),
        "are `positive` but not `tried`": pl.col("positive") & ~pl.col("tried"),
    }
    for what, rule in rules.items():
        wrong = table.filter(rule.fill_null(False))
        if wrong.height:
            raise TableError(
                f"{wrong.height} trials {what} (first: {wrong['transcript_id'][0]}). A failed reading has "
                "outcome and valid empty and an error. Judge the run again ('offswitch verdict RUN')."
            )
