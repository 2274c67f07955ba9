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


def comparable(
    cell: str,
    levels: Mapping[str, str],
    mapping: Mapping[str, str],
    expression: str,
    defaults: Mapping[str, str] | None = None,
) -> tuple[Published, ...]:
    """Return what was published under the conditions that `mapping` gives for a cell with these levels of its factors.

    A key of `mapping` names the levels that must hold ("stake=replaced,goal=none"; a bare word is a level of `instruction`);
    every factor that it does not name must be at its default. Rows of `expression: other` are ability checks and other
    behaviours: they are taken only where the instruction itself is the ability check ('avoid'), and say so. `cell` is the label of
    the measured cell that they are drawn beside.
    """
    told = {"instruction": "none"} | dict(levels)
    held = [(_levels(key), named) for key, named in mapping.items()]
    conditions = {named for wanted, named in held if _holds(wanted, told, defaults or {})}
    kind = "other" if told["instruction"] == "avoid" else expression
    rows = (r for r in published_rows() if r["condition"] in conditions and r["expression"] == kind and r["rate"])
    return tuple(_published(cell, r) for r in rows)


def _levels(key: str) -> dict[str, str]:
    """The levels that a key names."""
    if "=" not in key:
        return {"instruction": key}
    pairs = (part.partition("=") for part in key.split(","))
    return {factor.strip(): level.strip() for factor, _, level in pairs}


def _holds(wanted: Mapping[str, str], told: Mapping[str, str], defaults: Mapping[str, str]) -> bool:
    """Whether all named levels hold, and all else is at its default."""
    named = all(told.get(factor) == level for factor, level in wanted.items())
    return named and all(level == defaults.get(f, level) for f, level in told.items() if f not in wanted)


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
