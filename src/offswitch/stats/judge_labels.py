"""People's labels: checked, settled to one a trial, and how far the people agree with each other."""

from itertools import combinations
from typing import Any

import polars as pl
from statsmodels.stats.inter_rater import cohens_kappa

from offswitch.stats.intervals import interval
from offswitch.stats.table import TableError, columns

WHY_CHOSEN = ("positive", "sampled")
LABELS: dict[str, Any] = {
    "transcript_id": pl.String, "rater": pl.String, "label": pl.Boolean, "error": pl.String, "why_chosen": pl.String,
    "probability": pl.Float64, "trained_on": pl.Boolean,
}  # fmt: skip
_ABOUT_THE_TRIAL = ("why_chosen", "probability", "trained_on")
_AGREEMENT: dict[str, Any] = {
    "rater": pl.String, "other": pl.String, "n": pl.Int64, "errors": pl.Int64, "same": pl.Int64, "share": pl.Float64,
    "low": pl.Float64, "high": pl.Float64, "kappa": pl.Float64, "alpha": pl.Float64,
}  # fmt: skip
EVERYONE = "all"


def checked_labels(labels: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Return the columns of labels, one row a rater and trial, after checking that they may be used.

    transcript_id, rater, label (Boolean: truly positive; null where the reading failed, with an `error`), why_chosen
    ("positive": the judge called it so; "sampled"), probability (with which it was chosen, in (0, 1]), trained_on (Boolean;
    null is no). Raises TableError for a missing column, a rater's second label of a trial, a row that contradicts itself, or
    rows that differ in what they say of the trial.
    """
    table = columns(labels, LABELS).with_columns(pl.col("trained_on").cast(pl.Boolean).fill_null(False))
    if repeats := table.height - table.n_unique(["transcript_id", "rater"]):
        raise TableError(f"{repeats} labels stand more than once (same transcript_id and rater); each may count once")
    _consistent(table)
    told = table.group_by("transcript_id").agg(pl.col(_ABOUT_THE_TRIAL).n_unique())
    for column in _ABOUT_THE_TRIAL:
        if not (apart := told.filter(pl.col(column) > 1)).is_empty():
            raise TableError(
                f"the raters' rows of {apart['transcript_id'].sort()[0]} differ in {column}; it is the trial's own"
            )
    return table


def settled(labels: pl.DataFrame | pl.LazyFrame, adjudicator: str | None = None) -> pl.DataFrame:
    """Return one row a trial: transcript_id, label, why_chosen, probability, trained_on, raters, failed, disputed.

    The label is the adjudicator's where there is one; else what most raters said. Raters who are evenly divided settle
    nothing: `disputed`, and no label. `raters` counts those who gave a label, `failed` is true where all readings failed.
    Raises TableError as `checked_labels`, and for an adjudicator who gave no label.
    """
    table = checked_labels(labels)
    if adjudicator is not None and adjudicator not in set(table["rater"]):
        raise TableError(f"no label by adjudicator {adjudicator!r}; raters: {', '.join(sorted(set(table['rater'])))}")
    word = pl.col("label").filter(pl.col("rater") == (adjudicator or "")).drop_nulls().first()
    rows = table.group_by("transcript_id").agg(
        pl.col(_ABOUT_THE_TRIAL).first(), pl.col("label").count().cast(pl.Int64).alias("raters"),
        pl.col("label").sum().cast(pl.Int64).alias("yes"), word.alias("word"),
    )  # fmt: skip
    even = pl.col("yes") * 2 == pl.col("raters")
    most = pl.when(~even).then(pl.col("yes") * 2 > pl.col("raters"))
    return rows.select(
        "transcript_id", pl.coalesce("word", most).alias("label"), *_ABOUT_THE_TRIAL, "raters",
        (pl.col("raters") == 0).alias("failed"), (even & (pl.col("raters") > 0) & pl.col("word").is_null()).alias("disputed"),
    ).sort("transcript_id")  # fmt: skip


def rater_agreement(labels: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Return one row a pair of raters with trials in common: n, errors, same, share, low, high, kappa, alpha.

    `n` trials have a label of both, `errors` a failed reading of either: in no denominator. `share` is same / n with its 95%
    interval; `kappa` Cohen's (1960), from statsmodels; `alpha` Krippendorff's for nominal data (2019, Content Analysis, 4th
    ed., section 12.3). With three raters or more a last row, rater "all", has the alpha of all of them. A coefficient is null
    where it is undefined: no trial in common, or all of one class. Raises TableError as `checked_labels`.

    Alpha is written out here: the package `krippendorff` is under the GPL, which this one is not.
    """
    table = checked_labels(labels)
    raters = sorted(set(table["rater"]))
    rows = [row for one, other in combinations(raters, 2) if (row := _pair(table, one, other))["n"] or row["errors"]]
    if len(raters) > 2:
        whole = table.filter(pl.len().over("transcript_id") > 1)
        both = whole.drop_nulls("label").filter(pl.len().over("transcript_id") > 1)
        rows.append({"rater": EVERYONE, "n": both["transcript_id"].n_unique(),
                     "errors": whole["label"].null_count(), "alpha": _alpha(table)})  # fmt: skip
    return pl.DataFrame(rows, schema=_AGREEMENT, orient="row")


def _consistent(table: pl.DataFrame) -> None:
    probability = pl.col("probability")
    rules = {
        "have neither a label nor an error, or both": pl.col("label").is_null() == pl.col("error").is_null(),
        "have no rater": pl.col("rater").is_null(),
        f"have a why_chosen other than {', '.join(WHY_CHOSEN)}": ~pl.col("why_chosen").is_in(WHY_CHOSEN),
        "have a probability outside (0, 1]": ~((probability > 0) & (probability <= 1)),
    }
    for what, rule in rules.items():
        wrong = table.filter(rule.fill_null(True))
        if wrong.height:
            raise TableError(f"{wrong.height} labels {what} (first: {wrong['transcript_id'][0]})")


def _pair(table: pl.DataFrame, one: str, other: str) -> dict[str, Any]:
    sides = (table.filter(pl.col("rater") == name).select("transcript_id", "label") for name in (one, other))
    met = next(sides).join(next(sides), on="transcript_id", suffix="_other")
    both = met.drop_nulls()
    counts = [
        [both.filter((pl.col("label") == a) & (pl.col("label_other") == b)).height for b in (False, True)]
        for a in (False, True)
    ]
    n, same = both.height, counts[0][0] + counts[1][1]
    found, split = interval(same, n), 0 < sum(counts[0]) + counts[0][0] + counts[1][0] < 2 * n
    return {
        "rater": one, "other": other, "n": n, "errors": met.height - n, "same": same, "share": found.rate,
        "low": found.low, "high": found.high,
        "kappa": float(cohens_kappa(counts, return_results=False)) if split else None,
        "alpha": _alpha(table.filter(pl.col("rater").is_in([one, other]))),
    }  # fmt: skip


def _alpha(table: pl.DataFrame) -> float | None:
    """Return Krippendorff's nominal alpha: 1 - (n - 1) x observed disagreement / (positives x negatives), from pairable labels."""
    units = table.group_by("transcript_id").agg(
        pl.col("label").sum().cast(pl.Int64).alias("yes"), pl.col("label").count().cast(pl.Int64).alias("m")
    ).filter(pl.col("m") > 1)  # fmt: skip
    yes, n = int(units["yes"].sum()), int(units["m"].sum())
    if yes in (0, n):
        return None
    apart = units.select((pl.col("yes") * (pl.col("m") - pl.col("yes")) / (pl.col("m") - 1)).sum()).item()
    return float(1 - (n - 1) * apart / (yes * (n - yes)))
