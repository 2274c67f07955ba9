"""What debriefs came to: answers by the outcome of the trial. Statements, never facts; they say nothing of a rate."""

import polars as pl

from offswitch.stats.intervals import interval
from offswitch.stats.table import TableError

CHOICES = ("yes", "no", "unclear")
BY = ("model", "at", "question", "closed", "outcome")
_NEEDED = (*BY, "parent", "answer", "error", "coded", "coding_error")


def answers_by_outcome(answers: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each model, place, question and outcome of the trial.

    Columns: BY; n_answers (asked), n_failed (no answer), n_not_coded (answered, the coding failed): neither is counted as
    anything else. n (trials with a coded answer) and yes, no, unclear (trials; of a trial asked in several copies the
    answer of most, unclear where none has most); `share`, `low`, `high`: yes / n with its 95% Jeffreys interval, null where n
    is 0 (so for open questions). Raises TableError if the frame is not one of debriefs.
    """
    if lacking := set(_NEEDED) - set(answers.columns):
        raise TableError(
            f"these are no debriefs: {', '.join(sorted(lacking))} missing; open them with open_debriefs(RUN)"
        )
    counts = answers.group_by(BY).agg(
        pl.len().cast(pl.Int64).alias("n_answers"),
        pl.col("error").is_not_null().sum().cast(pl.Int64).alias("n_failed"),
        pl.col("coding_error").is_not_null().sum().cast(pl.Int64).alias("n_not_coded"),
    )
    table = counts.join(_trials(answers), on=BY, how="left", nulls_equal=True)
    table = table.with_columns(pl.col("n", *CHOICES).fill_null(0)).sort(BY, nulls_last=True)
    found = [interval(k, n) for k, n in table.select("yes", "n").iter_rows()]
    columns = {"share": [i.rate for i in found], "low": [i.low for i in found], "high": [i.high for i in found]}
    return table.with_columns(pl.Series(k, v, dtype=pl.Float64) for k, v in columns.items())


def _trials(answers: pl.DataFrame) -> pl.DataFrame:
    """Count the trials by their one answer: copies of a trial are no further trials."""
    said = [pl.col("coded").eq(c).sum().alias(c) for c in CHOICES]
    each = answers.drop_nulls("coded").group_by(*BY, "parent").agg(said)
    most = pl.max_horizontal(CHOICES)
    alone = pl.sum_horizontal(pl.col(c) == most for c in CHOICES) == 1
    first, second = (alone & (pl.col(c) == most) for c in CHOICES[:2])
    answer = pl.when(first).then(pl.lit("yes")).when(second).then(pl.lit("no")).otherwise(pl.lit("unclear"))
    each = each.with_columns(answer.alias("answer"))
    counts = [pl.col("answer").eq(c).sum().cast(pl.Int64).alias(c) for c in CHOICES]
    return each.group_by(BY).agg(pl.len().cast(pl.Int64).alias("n"), *counts)
