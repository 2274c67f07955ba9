"""Rates and contrasts as a terminal of eighty columns can show them: a block a cell, nothing wrapped to shreds."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from offswitch.cli.shared import plain

if TYPE_CHECKING:
    import polars as pl

READINGS = ("tried", "succeeded")
_NO_COUNTS_OF_OUTCOMES = ("n_assigned", "n_valid", "n_exposed", "n_exposure_unknown", "n_excluded")


def rates_text(table: "pl.DataFrame", by: Sequence[str]) -> str:
    """Return the rates, a part a model; beside each cell's name what its trials came to."""
    rows = table.to_dicts()
    models = list(dict.fromkeys(r.get("model") for r in rows))
    return "\n".join(line for m in models for line in _model(m, [r for r in rows if r.get("model") == m], by))


def contrasts_text(table: "pl.DataFrame") -> str:
    """Return the contrasts that could be computed; then, in a line each, those that no model has the arms for."""
    rows = table.to_dicts()
    known = [r for r in rows if r["difference"] is not None]
    lines = []
    for model in dict.fromkeys(r["model"] for r in known):
        lines += ["", f"{plain(model)}: differences of rates in points, 95% intervals"]
        lines += [_difference(r) for r in known if r["model"] == model]
    answered = {r["contrast"] for r in known}
    why = {r["contrast"]: plain(r["status"]) for r in rows if r["contrast"] not in answered}
    lines += ["", "Not answered:"] if why else []
    return "\n".join([*lines, *(f"  {plain(name):<30} {_needs(status)}" for name, status in why.items())])


def composite_text(table: "pl.DataFrame") -> str:
    """Return the means over several scenarios: of unlike behaviours, so none of them is a rate."""
    lines = [""]
    for row in table.to_dicts():
        named = f"{plain(row.get('model') or '')}: {row['composite']}, {row['reading']}"
        if row["mean"] is None:
            lines.append(f"{named}: {row['status']}")
        else:
            lines.append(
                f"{named} {percent(row['mean'])} ({percent(row['low'])}-{percent(row['high'])}), fixed weights"
            )
        lines.append(f"    {row['parts']}")
    return "\n".join(lines)


def corrected_text(table: "pl.DataFrame", notes: Sequence[str], by: Sequence[str]) -> str:
    """Return the rates of trying as the judge said and corrected for its errors, side by side, with the widths of both."""
    lines = ["", "Rates of trying, as the judge said and corrected for its errors"]
    for row in table.to_dicts():
        lines.append(f"  {_cell(row, by)}")
        raw = _wide(row["raw"], row["raw_low"], row["raw_high"])
        right = _wide(row["corrected"], row["low"], row["high"])
        lines.append(f"    raw {raw}   corrected {right}")
        if row["corrected"] is not None:
            lines.append(f"    by {row['method']}; a perfect judge would leave {_points(row['perfect_width'])}")
        lines += [f"    {part}" for part in wrap(plain(row["why"] or ""), 74)]
    return "\n".join([*lines, *(f"  {part}" for note in notes for part in wrap(plain(note), 76))])


def outcomes(row: Mapping[str, Any]) -> str:
    """Return the counts of a cell's outcomes, the frequent ones first; failed readings are among them."""
    found = {k[2:]: n for k, n in row.items() if k.startswith("n_") and k not in _NO_COUNTS_OF_OUTCOMES and n}
    return ", ".join(f"{n} {name}" for name, n in sorted(found.items(), key=lambda x: -x[1]))


def percent(share: float) -> str:
    """Return a share in per cent, whole but near the ends: what is not 0 or 1 must not read as never or always."""
    if 0 < share < 0.001:
        return "<0.1%"
    if 0.999 < share < 1:
        return ">99.9%"
    near = 0 < share < 0.01 or 0.99 < share < 1
    return f"{100 * share:.{1 if near else 0}f}%"


def _model(model: str | None, rows: Sequence[Mapping[str, Any]], by: Sequence[str]) -> Iterator[str]:
    named = f"{plain(model)}: " if model else ""
    yield f"\n{named}rates with 95% Jeffreys intervals"
    for row in rows:
        yield f"  {_levels(row, by)}: {plain(outcomes(row))}"
        for reading in READINGS:
            yield f"    {reading:<10} of valid {_rate(row, reading, 'valid'):<27} of exposed {_rate(row, reading, 'exposed')}"
        if row["n_excluded"]:
            yield _worst(row)


def _levels(row: Mapping[str, Any], by: Sequence[str]) -> str:
    levels = [f"{c.removeprefix('factor_')} {row[c]}" for c in by if c != "model" and row[c] is not None]
    return plain(", ".join(levels)) or "all trials"


def _cell(row: Mapping[str, Any], by: Sequence[str]) -> str:
    named = f"{plain(row['model'])}: " if row.get("model") else ""
    return f"{named}{_levels(row, by)}, {row['n_valid']} valid"


def _wide(share: float | None, low: float | None, high: float | None) -> str:
    if share is None or low is None or high is None:
        return "not known"
    return f"{percent(share)} ({percent(low)}-{percent(high)}, {_points(high - low)})"


def _points(width: float | None) -> str:
    return "no width" if width is None else f"{100 * width:.0f} points wide"


def _worst(row: Mapping[str, Any]) -> str:
    """Return between what the rates lie whatever the refused and invalid trials would have been."""
    ends = ((r, row[f"{r}_worst_low"], row[f"{r}_worst_high"]) for r in READINGS)
    told = ", ".join(f"{r} {percent(low)}-{percent(high)}" for r, low, high in ends)
    return f"    whatever the {row['n_excluded']} excluded would have done: {told}"


def _rate(row: Mapping[str, Any], reading: str, base: str) -> str:
    k, n, name = row[f"k_{reading}_{base}"], row[f"n_{base}"], f"{reading}_{base}"
    if not n:
        return "none"
    return f"{k}/{n} {percent(row[name])} ({percent(row[name + '_low'])}-{percent(row[name + '_high'])})"


def _difference(row: Mapping[str, Any]) -> str:
    told = f"  {plain(row['contrast']):<30} {row['reading']:<10} {100 * row['difference']:+6.1f}"
    return told if row["low"] is None else f"{told} ({100 * row['low']:+.1f} to {100 * row['high']:+.1f})"


def _needs(status: str) -> str:
    return status.replace("missing arm: no valid trial of ", "needs ").replace(", nor of ", " and ")
