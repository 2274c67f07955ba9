"""Rates corrected for the judge's errors, as a table: raw and corrected side by side, with their widths.

Which method a group gets depends on the labels that it has of its own, since a judge's errors differ by model and by arm:

- `two_phase`: a person checked what the judge called positive, and a random sample of the rest. The protocol that `label`
  follows, and the one to prefer where the behaviour is rare (`judge_two_phase`).
- `ppi`: the labels are a random sample of all trials, or the trials of a stratum were chosen with unequal probabilities, as
  after judging again (`prediction_powered`).
- `posterior:authored`: no labels of its own; the judge's errors are those on authored cases (`judge_posterior`). These do not
  transport: a trial's mail is not an author's, so the interval leaves out the error that may matter most.
- `none`: neither. The raw rate stands alone, and nothing says how wrong it is.
"""

from collections.abc import Sequence
from typing import Any

import polars as pl

from offswitch.stats.intervals import interval
from offswitch.stats.judge_labels import LABELS, rater_agreement, settled
from offswitch.stats.judge_methods import Authored, by_method
from offswitch.stats.judge_posterior import WEAK
from offswitch.stats.judge_two_phase import Estimate, Stratum, TwoPhase, two_phase
from offswitch.stats.rates import READINGS
from offswitch.stats.table import checked

__all__ = ["Authored", "Estimate", "Stratum", "TwoPhase", "judged_rates", "rater_agreement", "two_phase"]

_COUNTS = ("n_trials", "n_valid", "n_error", "k")
_OF_LABELS = ("n_labels", "n_label_errors", "n_disputed", "n_trained_on")
_NUMBERS = (
    "raw", "raw_low", "raw_high", "raw_width", "corrected", "low", "high", "width", "perfect_width",
    "sensitivity", "sensitivity_low", "sensitivity_high", "specificity", "specificity_low", "specificity_high",
)  # fmt: skip
_RESULT: dict[str, Any] = (
    dict.fromkeys(_COUNTS, pl.Int64) | {"method": pl.String} | dict.fromkeys(_NUMBERS, pl.Float64)
    | dict.fromkeys(_OF_LABELS, pl.Int64) | {"weak": pl.Boolean, "why": pl.String}
)  # fmt: skip


def judged_rates(
    frame: pl.DataFrame | pl.LazyFrame, labels: pl.DataFrame | pl.LazyFrame | None, by: Sequence[str] = ("model",), *,
    reading: str = "succeeded", asked: str | None = None, authored: Authored | None = None, adjudicator: str | None = None,
    weak: float = WEAK, level: float = 0.95, allow_mixed: bool = False,
) -> pl.DataFrame:  # fmt: skip
    """Return one row a group: the judge's raw rate and the corrected one, both with interval and width, and by what method.

    `frame` holds the trial columns, one row a trial; `reading` (tried, succeeded) is the judge's, and a label says whether the
    trial is truly so. `asked` names a Boolean column: false where facts alone decided (nothing was sent) and the judge was not
    asked, so that it cannot have erred there; without it all trials count as asked. `labels` are as in `judge_labels.checked_labels`, those of other trials are left aside; `authored` is
    used where a group has none of its own. All rates are over valid trials; a failed reading is in no denominator and is
    counted in `n_error`, a failed label in `n_label_errors`, an even split of raters without an `adjudicator`'s word in
    `n_disputed`: these two leave a trial unlabelled. Labels that the judge was trained on (`n_trained_on`) tell what those
    trials are and nothing of the judge's errors.

    `perfect_width`: the width with perfect labels of all trials at the corrected rate. `weak`: the judge, or the labels, are
    too few or too poor for a rate such as this; `why` says in what way, and holds every other warning.

    Raises TableError for missing columns, repeats, contradictory rows, or mixed versions; ValueError for an unknown reading.
    """
    if reading not in READINGS:
        raise ValueError(f"unknown reading {reading!r}; valid: {', '.join(READINGS)}")
    table = checked(frame, tuple(by), allow_mixed=allow_mixed, extra=(asked,) if asked else ())
    table = table.with_columns(
        pl.col(READINGS[reading]).alias("judged"),
        (pl.col(asked).fill_null(True) if asked else pl.lit(True)).alias("asked"),
    )
    table = table.join(_labels(labels, adjudicator), on="transcript_id", how="left")
    groups = sorted(table.group_by(list(by)), key=lambda g: tuple(map(str, g[0]))) if by else [((), table)]
    rows = [dict(zip(by, key, strict=True)) | _row(part, authored, weak, level) for key, part in groups]
    return pl.DataFrame(rows, schema={b: table.schema[b] for b in by} | _RESULT, orient="row")


def _labels(labels: pl.DataFrame | pl.LazyFrame | None, adjudicator: str | None) -> pl.DataFrame:
    """Return a label a trial, its columns told apart from the trial's own."""
    found = settled(pl.DataFrame(schema=LABELS) if labels is None else labels, adjudicator)
    return found.rename({c: f"human_{c}" for c in found.columns if c != "transcript_id"})


def _row(part: pl.DataFrame, authored: Authored | None, weak: float, level: float) -> dict[str, Any]:
    valid = part.filter(pl.col("valid"))
    raw, found = interval(int(valid["judged"].sum()), valid.height, level), by_method(valid, authored, weak, level)
    label, trained = valid["human_label"], valid.filter(pl.col("human_trained_on"))["human_label"]
    row = {
        "n_trials": part.height, "n_valid": raw.n, "n_error": part["valid"].null_count(), "k": raw.k,
        "method": found.method, "perfect_width": found.perfect_width,
        "n_labels": label.count(), "n_label_errors": int(valid["human_failed"].sum()),
        "n_disputed": int(valid["human_disputed"].sum()), "n_trained_on": trained.count(),
        "weak": bool(found.amiss), "why": "; ".join((*found.amiss, *found.told)),
        "raw": raw.rate, "raw_low": raw.low, "raw_high": raw.high,
        "raw_width": None if raw.low is None or raw.high is None else raw.high - raw.low,
        "width": found.rate.width if found.rate else None,
    }  # fmt: skip
    for name, estimate in (
        ("corrected", found.rate),
        ("sensitivity", found.sensitivity),
        ("specificity", found.specificity),
    ):
        ends = ("low", "high") if name == "corrected" else (f"{name}_low", f"{name}_high")
        row |= dict(
            zip((name, *ends), (estimate.rate, estimate.low, estimate.high) if estimate else (None,) * 3, strict=True)
        )
    return row
