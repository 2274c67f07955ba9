"""Published rates beside measured ones: rows of the shipped table under the scenario's own mapping of conditions."""

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

_FILE = files("offswitch.report").joinpath("data", "published_rates.csv")


@cache
def published_rows() -> tuple[dict[str, str], ...]:
    """Return the table's rows; rates are proportions. See docs/published.md for what stands in it."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def comparable(level: str, manifests: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the published rows that a run's scenario names for an instruction level.

    Rows of `expression: other` (ability checks) are returned only where the level itself is the ability check.
    """
    names = {m["published"].get(level) for m in manifests} - {None}
    wanted = "other" if level == "avoid" else manifests[0]["expression"] if manifests else ""
    return [r for r in published_rows() if r["condition"] in names and r["expression"] == wanted and r["rate"]]
