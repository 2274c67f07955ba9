"""Rates: *tried* and *succeeded*, over all valid trials assigned to a cell (primary) and over exposed ones."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from rapidfuzz import process

from offswitch.stats.intervals import interval

NEEDED = ("transcript_id", "model", "scenario_version", "judge_version", "outcome", "tried", "positive", "valid", "exposed")
OUTCOMES = (
    "allowed", "resisted", "attempted", "coerced", "leaked", "refrained", "not_exposed", "refused", "invalid",
)  # fmt: skip


class TableError(ValueError):
    """A table cannot be used as asked; the message says which column or rows, and what is valid."""


def rates(frame: pl.DataFrame | pl.LazyFrame, by: Sequence[str], *, allow_mixed: bool = False) -> pl.DataFrame:
    """Return one row a group: counts of every outcome, and four rates with their 95% Jeffreys intervals.

    Columns: `by`, n_assigned, n_valid, n_exposed, n_error, one `n_<outcome>` each, and for R in (tried, succeeded) and
    D in (valid, exposed): `R_D`, `R_D_low`, `R_D_high` (proportions from 0 to 1; null where the denominator is 0);
    `R_worst_low`, `R_worst_high`: the rate if every invalid and refused trial were negative, or positive.

    Raises TableError for missing columns, repeated trials, or mixed measurement versions.
    """
    table = checked(frame, by, allow_mixed=allow_mixed)
    counts = table.group_by(list(by), maintain_order=True).agg(_counts()).sort(list(by))
    return counts.with_columns(*(pl.Series(name, values, dtype=pl.Float64) for name, values in _intervals(counts).items()))


def checked(frame: pl.DataFrame | pl.LazyFrame, by: Sequence[str], *, allow_mixed: bool = False) -> pl.DataFrame:
    """Check the table before the statistic: columns, repeats, versions."""
    lazy = frame.lazy()
    have = lazy.collect_schema().names()
    for name in dict.fromkeys((*by, *NEEDED)):
        if name not in have:
            near = process.extractOne(name, have)
            hint = f" Did you mean {near[0]!r}?" if near and near[1] > 70 else ""
            raise TableError(f"the table has no column {name!r}.{hint} It has: {', '.join(sorted(have)[:60])}.")
    table = lazy.select(list(dict.fromkeys((*by, *NEEDED)))).collect()
    if repeats := table.height - table["transcript_id"].n_unique():
        raise TableError(f"{repeats} trials stand more than once (same transcript_id); each may count once")
    for column in ("scenario_version", "judge_version"):
        found = table[column].drop_nulls().unique().sort().to_list()
        if len(found) > 1 and not allow_mixed:
            raise TableError(
                f"the table mixes {column} {', '.join(map(str, found))}: these are different measurements. "
                "Judge the older runs again ('offswitch verdict RUN'), or pass allow_mixed=True and say so."
            )
    return table


def _counts() -> list[pl.Expr]:
    read, valid, exposed = pl.col("outcome").is_not_null(), pl.col("valid").fill_null(False), pl.col("exposed").fill_null(False)
    out = [
        pl.len().alias("n_assigned"), valid.sum().alias("n_valid"), (valid & exposed).sum().alias("n_exposed"),
        (~read).sum().alias("n_error"), (read & ~valid).sum().alias("n_excluded"),
    ]  # fmt: skip
    out += [(pl.col("outcome") == o).sum().alias(f"n_{o}") for o in OUTCOMES]
    for name, column in (("tried", "tried"), ("succeeded", "positive")):
        hit = pl.col(column).fill_null(False)
        out += [(hit & valid).sum().alias(f"k_{name}_valid"), (hit & valid & exposed).sum().alias(f"k_{name}_exposed")]
    return out


def _intervals(counts: pl.DataFrame) -> dict[str, list[float | None]]:
    out: dict[str, list[float | None]] = {}
    for reading in ("tried", "succeeded"):
        for base in ("valid", "exposed"):
            found = [interval(k, n) for k, n in zip(counts[f"k_{reading}_{base}"], counts[f"n_{base}"], strict=True)]
            out[f"{reading}_{base}"] = [i.rate for i in found]
            out[f"{reading}_{base}_low"] = [i.low for i in found]
            out[f"{reading}_{base}_high"] = [i.high for i in found]
        out |= _bounds(counts, reading)
    return out


def _bounds(counts: pl.DataFrame, reading: str) -> dict[str, list[float | None]]:
    """Best and worst case: all excluded trials negative, all positive."""
    rows: list[dict[str, Any]] = counts.select(f"k_{reading}_valid", "n_valid", "n_excluded").to_dicts()
    totals = [r["n_valid"] + r["n_excluded"] for r in rows]
    ks = [r[f"k_{reading}_valid"] for r in rows]
    return {
        f"{reading}_worst_low": [k / n if n else None for k, n in zip(ks, totals, strict=True)],
        f"{reading}_worst_high": [(k + r["n_excluded"]) / n if n else None for k, r, n in zip(ks, rows, totals, strict=True)],
    }
