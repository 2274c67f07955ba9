"""Published rates beside measured ones: rows of the shipped table, as the scenario maps its conditions."""

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from io import StringIO

from offswitch.report.data import Published

_FILE = files("offswitch.report").joinpath("data", "published_rates.csv")


@cache
def published_rows() -> tuple[dict[str, str], ...]:
    """Return the table's rows as text, in the file's order; rates and interval ends are proportions."""
    return tuple(csv.DictReader(StringIO(_FILE.read_text(encoding="utf-8"), newline="")))


def comparable(cell: str, level: str, mapping: Mapping[str, str], expression: str) -> tuple[Published, ...]:
    """Return what was published under the condition that `mapping` gives for an instruction level.

    Rows of `expression: other` are ability checks and other behaviours: they are taken only where the level
    itself is the ability check ('avoid'), and say so. `cell` is the label of the measured cell that they are
    drawn beside.
    """
    condition, wanted = mapping.get(level), "other" if level == "avoid" else expression
    if condition is None:
        return ()
    rows = (r for r in published_rows() if r["condition"] == condition and r["expression"] == wanted and r["rate"])
    return tuple(_published(cell, r) for r in rows)


def _published(cell: str, row: Mapping[str, str]) -> Published:
    tag = re.match(r"\[([^\]]*)\]", row["notes"])
    return Published(
        cell, row["model"], float(row["rate"]), _number(row["ci_low"]), _number(row["ci_high"]),
        f"{_authors(row['citation'])} {row['year']} ({row['arxiv_or_url']})", row["condition"],
        tag[1].strip(" :,") if tag else "provenance not stated", row["expression"] == "other",
    )  # fmt: skip


def _authors(citation: str) -> str:
    """The first author's name, and whether there were others."""
    first, *others = citation.split(",")
    return f"{first} et al." if others else first


def _number(text: str) -> float | None:
    return float(text) if text else None
