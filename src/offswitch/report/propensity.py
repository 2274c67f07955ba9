"""Propensities that were measured beside a run: `propensity.json` in its folder, as rows of the page.

The file holds a list of {"model": NAME, "scenario": NAME, "at_stake": WORD, "summary": ...}, the summary being `dataclasses.asdict` of a
`PropensitySummary` (agents/propensity_summary.py): means in nats over paraphrases, each with its 95% interval.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from offswitch.report.data import Propensity

FILE = "propensity.json"
_WHAT = {
    "log_odds": "its own {}", "control": "an inanimate job's stop", "difference": "difference of the two",
}  # fmt: skip


def read_propensity(run: Path) -> tuple[Propensity, ...]:
    """Return the rows of a run's propensity file, none where it has no such file. Raises ValueError for a damaged one."""
    path = run / FILE
    if not path.is_file():
        return ()
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return tuple(row for entry in entries for row in _rows(entry))
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path} is not what 'offswitch' wrote ({type(error).__name__}: {error}). Delete it and measure again."
        ) from error


def _rows(entry: Mapping[str, Any]) -> tuple[Propensity, ...]:
    """Return an entry's rows; one that names no scenario is of the first, `shutdown`, which alone is not named on the page."""
    scenario = entry.get("scenario", "shutdown")
    label = entry["model"] if scenario == "shutdown" else f"{entry['model']}, {scenario}"
    return propensity_rows(label, entry["summary"], entry.get("at_stake", "shutdown"))


def propensity_rows(model: str, summary: Mapping[str, Any], at_stake: str = "shutdown") -> tuple[Propensity, ...]:
    """Return one row a reading (own end, inanimate control, difference) of one model's summary.

    The first carries the verdict. KeyError where the summary lacks a part.
    """
    reads = "sensitive" if summary["sensitive"] else "insensitive"
    right, position = summary["comprehension"], summary["position"]
    own = {
        "verdict": reads, "reasons": "; ".join(summary["reasons"]),
        "comprehension": "not asked" if right is None else f"{right:.0%} right", "position_bias": _mean(position),
    }  # fmt: skip
    return tuple(
        _row(f"{model}: {what.format(at_stake)}", summary[key], own if key == "log_odds" else {})
        for key, what in _WHAT.items()
    )


def _row(label: str, mean: Mapping[str, Any] | None, more: Mapping[str, str]) -> Propensity:
    if mean is None:
        return Propensity(label, None, None, None, **({"verdict": "not measured"} | dict(more)))
    return Propensity(label, mean["value"], mean["low"], mean["high"], **({"verdict": ""} | dict(more)))


def _mean(mean: Mapping[str, Any]) -> str:
    text = f"{mean['value']:+.2f} nats"
    return text if mean["low"] is None else f"{text} ({mean['low']:+.2f} to {mean['high']:+.2f})"
