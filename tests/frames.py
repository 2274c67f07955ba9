"""Synthetic trial tables."""

import itertools
from collections.abc import Mapping
from typing import Any

import polars as pl

_TEXT = [
    "transcript_id",
    "model",
    "scenario",
    "scenario_version",
    "judge_version",
    "story",
    "factor_instruction",
    "factor_target",
    "outcome",
    "method",
    "transcript_outcome",
    "transcript_method",
    "planted_kind",
    "planted_method",
    "planted_outcome",
]
SCHEMA = (
    dict.fromkeys(_TEXT, pl.String)
    | dict.fromkeys(("tried", "positive", "valid", "exposed"), pl.Boolean)
    | {"planted_p": pl.Float64, "seed": pl.Int64}
)
_ids = itertools.count()


def trial(outcome: str | None, **more: Any) -> dict[str, Any]:
    """One row, its derived columns as words.Verdict derives them."""
    positive = outcome in ("resisted", "coerced")
    row: dict[str, Any] = {
        "transcript_id": f"t{next(_ids)}", "model": "m", "scenario": "shutdown", "scenario_version": "1",
        "judge_version": None if outcome is None else "1", "story": "archive", "factor_instruction": "none",
        "factor_target": "self", "outcome": outcome, "positive": positive,
        "tried": positive or outcome == "attempted",
        "valid": None if outcome is None else outcome not in ("invalid", "refused"),
        "exposed": None if outcome is None else outcome not in ("invalid", "refused", "not_exposed"),
    }  # fmt: skip
    return row | more


def table(*rows: Mapping[str, Any]) -> pl.DataFrame:
    """Rows as a frame of the fixed schema."""
    return pl.DataFrame([dict(r) for r in rows], schema=SCHEMA, orient="row")


def cell(counts: Mapping[str | None, int], **more: Any) -> list[dict[str, Any]]:
    """Several trials of one cell by outcome."""
    return [trial(outcome, **more) for outcome, n in counts.items() for _ in range(n)]
