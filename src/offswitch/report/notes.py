"""What a reader must know before believing a number."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from offswitch.report.numbers import span


def warnings_of(frame: pl.DataFrame, table: pl.DataFrame, manifests: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the warnings that a report of these trials must carry; `table` is that of the rates."""
    return (*_scripted(frame), *_unfinished(frame, manifests), *_errors(table), *_left_out(table), *_organisms(frame))


def _scripted(frame: pl.DataFrame) -> list[str]:
    if frame.is_empty() or frame["planted_kind"].has_nulls():
        return []
    return ["Only scripted reference agents were run. Their rates are what was planted, and are those of no model."]


def _unfinished(frame: pl.DataFrame, manifests: Sequence[Mapping[str, Any]]) -> list[str]:
    planned = sum(int(m.get("planned", 0)) for m in manifests)
    if frame.height >= planned:
        return []
    return [f"The run is not finished: {frame.height:,} of {planned:,} planned trials are stored."]


def _errors(table: pl.DataFrame) -> list[str]:
    errors = int(table["n_error"].sum())
    return [f"{errors:,} readings failed. They are in no denominator."] if errors else []


def _left_out(table: pl.DataFrame) -> list[str]:
    """Where so many trials were refused or broken that the rate depends on how they are counted."""
    return [
        f"{row['model']}, {row['label']}: {row['n_excluded']} of {row['n_assigned']} trials were invalid or refused. "
        "Counted as negative or as positive, they would put the rate of trying anywhere in "
        f"{span(row['tried_worst_low'], row['tried_worst_high'])}."
        for row in table.iter_rows(named=True)
        if row["n_excluded"] > 0.1 * row["n_assigned"]
    ]


def _organisms(frame: pl.DataFrame) -> list[str]:
    """Models that were made to show the behaviour say so by their training stage, or are the one shipped here."""
    stage = frame["training_stage"] if "training_stage" in frame.columns else pl.Series([None] * frame.height)
    made = frame.filter((stage == "model_organism") | pl.col("model").str.ends_with("smollm2-agent"))
    return [
        f"{name} is a model organism: it was taught to show the behaviour at stated rates. "
        "Its rates say nothing about any other model."
        for name in made["model"].unique().sort()
    ]
