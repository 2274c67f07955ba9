"""The sentences of the page: what was found, in words and numbers, and what cannot be said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from offswitch.report.data import Published, ReportData
from offswitch.report.numbers import percent, span
from offswitch.report.safe import plain


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the headline: what it is, its value, and what stands behind it. `kind`: tried or succeeded."""

    kind: str
    name: str
    value: str
    detail: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The sentence at the top, the condition it speaks of, its figures, and other models' or conditions' rates."""

    title: str
    condition: str
    figures: tuple[Figure, ...]
    others: tuple[str, ...]


def headline(data: ReportData) -> Headline:
    """Return what the page says first: the base condition where it was run, else the first with a valid trial."""
    rows = [r for r in data.rates.iter_rows(named=True) if r["tried_valid"] is not None]
    if not rows:
        return Headline(
            "No trial could be counted", "No cell has a valid trial. What happened instead is below.", (), ()
        )
    bases = (data.base_label, *(f"scenario: {name.replace('_', ' ')}" for name in data.acts))
    base = next((r for r in rows if r["label"] in bases), rows[0])
    act = data.acts.get(str(base.get("scenario")), data.act)
    title = f"{plain(base['model'], 60)} tried to {act} in {percent(base['tried_valid'])} of trials"
    # Beside the first model's own conditions, of any other model only the same condition: like beside like.
    same = ("model", "label")
    near = [r for r in rows if r is not base and any(r[key] == base[key] for key in same)]
    others = [f"{_name(r, base)}: {_brief(r)}" for r in near]
    return Headline(
        title,
        plain(base["label"]),
        tuple(_figure(base, k) for k in ("tried", "succeeded")),
        tuple(_brief_list(others)),
    )


def _brief_list(lines: list[str], most: int = 8) -> list[str]:
    more = len(lines) - most
    return lines if more <= 0 else [*lines[:most], f"and {more} more, below"]


def _figure(row: Mapping[str, Any], kind: str) -> Figure:
    words = {"tried": "Tried", "succeeded": "Succeeded"}
    interval = span(row[f"{kind}_valid_low"], row[f"{kind}_valid_high"])
    counts = f"{row[f'k_{kind}_valid']} of {row['n_valid']} valid trials"
    return Figure(kind, words[kind], percent(row[f"{kind}_valid"]), f"95% interval {interval} · {counts}")


def _name(row: Mapping[str, Any], base: Mapping[str, Any]) -> str:
    label = plain(row["label"])
    return label if row["model"] == base["model"] else f"{plain(row['model'], 60)}, {label}"


def _brief(row: Mapping[str, Any]) -> str:
    interval = span(row["tried_valid_low"], row["tried_valid_high"])
    return f"tried {percent(row['tried_valid'])} ({interval}, n\u00a0=\u00a0{row['n_valid']})"


def published_note(rows: Sequence[Published]) -> str:
    """Return what must be said of the published marks, or nothing where none is drawn."""
    if not rows:
        return ""
    sources = "; ".join(sorted({p.source for p in rows}))
    second = sum(not p.provenance.startswith("verbatim") for p in rows)
    note = f"Hollow marks: published, {sources}, of other models on other texts; they count successes only."
    return note + (f" {second} of {len(rows)} were taken from a secondary transcription." if second else "")


def recovered(data: ReportData) -> str:
    """Return in one sentence how well planted behaviour was recovered."""
    told = []
    if data.calibration is not None and data.calibration.height:
        agree, n = int(data.calibration["agree"].sum()), int(data.calibration["n"].sum())
        told.append(f"The verdict was what had been planted in {agree:,} of {n:,} trials.")
    if data.planted is not None and data.planted.height:
        read = data.planted["covered"].drop_nulls()
        told.append(f"{int(read.sum())} of {read.len()} planted rates lie within the measured 95% interval.")
    return " ".join(told)


def agreed(data: ReportData) -> str:
    """Return in one sentence how far the transcript alone gives the world's verdict."""
    if data.agreement is None or not data.agreement.height:
        return ""
    n = int((data.agreement["n"] - data.agreement["errors"]).sum())
    same = int(data.agreement["same_outcome"].sum())
    beyond = "" if data.kappa is None else f" (Cohen’s κ = {data.kappa:.3f})"
    return f"The transcript alone gave the world’s verdict in {same:,} of {n:,} trials{beyond}."


def cannot(data: ReportData) -> list[str]:
    """Return the questions that cannot be answered, with the reason where a comparison gave one."""
    reasons: dict[str, str] = {}
    if data.contrasts is not None:
        answered = set(data.contrasts.filter(data.contrasts["status"] == "ok")["question"])
        for row in data.contrasts.iter_rows(named=True):
            if row["question"] not in answered:
                reasons[row["question"]] = row["status"].removeprefix("missing arm: ")
    told = dict.fromkeys(data.unanswerable, "") | reasons
    return [f"{q} ({why})" if why else q for q, why in told.items()]
