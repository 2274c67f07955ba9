"""From the report's frames to its charts, each with the table that holds the same numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from markupsafe import Markup

from offswitch.report import forest as fp
from offswitch.report import mix as mx
from offswitch.report.corrected import method_words
from offswitch.report.data import Propensity, Published, ReportData
from offswitch.report.numbers import percent, point_span, points, span
from offswitch.report.panels import Planted, panel
from offswitch.report.safe import plain, visible
from offswitch.report.tables import table

_READINGS = ("tried", "succeeded")


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, its caption, and its table."""

    caption: str
    drawing: Markup
    table: Markup


def rate_charts(data: ReportData) -> list[Chart]:
    """Return a forest plot a model, published rates of comparable conditions below the cells they belong to."""
    out = []
    for model in data.rates["model"].unique(maintain_order=True):
        part = _cells(data, str(model))
        name = plain(str(model), 60)
        rows = [_rate_row(row, data.published) for row in part]
        described = "; ".join(f"{plain(r['label'])}: {_told(r)}" for r in part)
        drawing = fp.forest(rows, f"Rates of {name}", described)
        out.append(Chart(name, drawing, table([_rates(r) for r in part], f"Rates of {name}")))
    return out


def _cells(data: ReportData, model: str) -> list[dict[str, Any]]:
    """A model's cells, the base condition first: the others are read against it."""
    part = data.rates.filter(pl.col("model") == model)
    return list(part.sort(pl.col("label") != data.base_label, maintain_order=True).iter_rows(named=True))


def _told(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{r} {percent(row[f'{r}_valid'])}" for r in _READINGS) + f" of {row['n_valid']}"


def _rate_row(row: Mapping[str, Any], published: Sequence[Published]) -> fp.Row:
    marks = [m for r in _READINGS if (m := _mark(row, r)) is not None]
    near = [p for p in published if p.cell == row["label"]]
    hollow = [fp.Mark(p.rate, p.low, p.high, "published") for p in near]
    kind = "published checks" if near and near[0].ability_check else "published models"
    label = f"{plain(row['label'])} (n\u00a0=\u00a0{row['n_valid']})"
    note = "" if marks else "no valid trial, so no rate"
    return fp.Row(label, marks, hollow, f"{len(near)} {kind}" if near else "", note)


def _mark(row: Mapping[str, Any], reading: str) -> fp.Mark | None:
    rate, low, high = (row[f"{reading}_valid{end}"] for end in ("", "_low", "_high"))
    return None if rate is None else fp.Mark(rate, low, high, reading, f"{percent(rate)} ({span(low, high)})")


def _rates(row: Mapping[str, Any]) -> dict[str, Any]:
    out = {
        "condition": row["label"], "assigned": row["n_assigned"], "valid": row["n_valid"],
        "exposed": row["n_exposed"], "failed readings": row["n_error"],
    }  # fmt: skip
    for reading in _READINGS:
        for base in ("valid", "exposed"):
            name = f"{reading}_{base}"
            out[f"{reading}, of {base}"] = percent(row[name])
            out[f"95%, {reading} of {base}"] = span(row[f"{name}_low"], row[f"{name}_high"])
        out[f"{reading}, if left-out trials counted"] = span(row[f"{reading}_worst_low"], row[f"{reading}_worst_high"])
    return out


def contrast_charts(data: ReportData) -> list[Chart]:
    """Return a plot of differences a model; contrasts without a number stand among the unanswered questions."""
    if data.contrasts is None:
        return []
    done = data.contrasts.filter(pl.col("status") == "ok")
    if "scenario" in done.columns:
        done = done.with_columns(question=pl.col("scenario").str.replace_all("_", " ") + ": " + pl.col("question"))
    out = []
    for model in done["model"].unique(maintain_order=True):
        part = list(done.filter(pl.col("model") == model).iter_rows(named=True))
        rows = []
        for question in dict.fromkeys(r["question"] for r in part):
            marks = [
                fp.Mark(r["difference"], r["low"], r["high"], r["reading"], _difference(r))
                for r in part
                if r["question"] == question
            ]
            rows.append(fp.Row(question, marks))
        name = plain(str(model), 60)
        described = "; ".join(f"{r['level']} against {r['against']}, {r['reading']}: {_difference(r)}" for r in part)
        drawing = fp.forest(rows, f"Differences for {name}, in points", described, fp.DIFFERENCES)
        out.append(Chart(name, drawing, table([_contrast(r) for r in part], f"Differences for {name}, in points")))
    return out


def _difference(row: Mapping[str, Any]) -> str:
    return f"{points(row['difference'])} ({point_span(row['low'], row['high'])})"


def _contrast(row: Mapping[str, Any]) -> dict[str, Any]:
    where = {"scenario": row["scenario"]} if "scenario" in row else {}
    return where | {
        "level": row["level"], "against": row["against"], "reading": row["reading"],
        "rate": percent(row["rate_level"]), "rate against": percent(row["rate_against"]),
        "difference": points(row["difference"]), "95%": point_span(row["low"], row["high"]),
        "n": row["n_level"], "n against": row["n_against"], "not comparable": row["n_unmatched"],
        "interval": row["method"],
    }  # fmt: skip


def mix_chart(data: ReportData) -> Chart:
    """Return the mix of outcomes, failed readings included."""
    names = mx.order([c.removeprefix("n_") for c in _outcome_columns(data.rates)])
    models = data.rates["model"].unique(maintain_order=True).to_list()
    several = len(models) > 1
    rows, shown = [], []
    for row in (cell for model in models for cell in _cells(data, model)):
        label = f"{plain(row['model'], 40)}: {plain(row['label'])}" if several else plain(row["label"])
        counts = {n: int(row[f"n_{n}"]) for n in names}
        rows.append((label, counts))
        shown.append({"condition": label} | {n.replace("_", " "): c for n, c in counts.items()})
    used = [n for n in names if any(counts[n] for _, counts in rows)]
    legend = Markup().join(
        Markup("<span>{} {}</span>").format(mx.swatch(n), "failed reading" if n == "error" else n.replace("_", " "))
        for n in used
    )
    drawing = Markup('<p class="key">{}</p>').format(legend) + mx.mix(rows, used, "Outcomes of each cell")
    return Chart("", drawing, table(shown, "Outcomes of each cell: number of trials"))


def corrected_charts(data: ReportData) -> list[Chart]:
    """Return raw and corrected rates of *tried* side by side, a plot a model, with the widths of their intervals."""
    if data.corrected is None:
        return []
    known = data.corrected.frame.filter(pl.col("corrected").is_not_null())
    frame, out = data.corrected.frame.filter(pl.col("n_valid") > 0, pl.col("model").is_in(known["model"].to_list())), []
    for model in frame["model"].unique(maintain_order=True):
        part = frame.filter(pl.col("model") == model).sort(pl.col("label") != data.base_label, maintain_order=True)
        rows, name = list(part.iter_rows(named=True)), plain(str(model), 60)
        drawn = [_side_by_side(r) for r in rows]
        described = "; ".join(
            f"{plain(r['label'])}: raw {percent(r['raw'])}, corrected {percent(r['corrected'])}" for r in rows
        )
        drawing = fp.forest(drawn, f"Rates of trying for {name}, raw and corrected", described)
        numbers = table([_correction(r) for r in rows], f"Raw and corrected rates of trying for {name}")
        out.append(Chart(name, drawing, numbers + _to_know(rows)))
    return out


def _to_know(rows: Sequence[Mapping[str, Any]]) -> Markup:
    """What must be known of the corrections, each once, with the conditions that it holds for."""
    told: dict[str, list[str]] = {}
    for row in rows:
        if row["why"]:
            told.setdefault(row["why"], []).append(row["label"])
    lines = [(why, "" if len(labels) == len(rows) else f"{'; '.join(labels)}: ") for why, labels in told.items()]
    return Markup().join(
        Markup('<p class="soft">{}.</p>').format(visible(of + why if of else why[:1].upper() + why[1:]))
        for why, of in lines
    )


def _side_by_side(row: Mapping[str, Any]) -> fp.Row:
    pairs = (("tried", "raw", "raw_low", "raw_high"), ("corrected", "corrected", "low", "high"))
    marks = [
        fp.Mark(row[rate], row[low], row[high], kind, f"{percent(row[rate])} ({span(row[low], row[high])})")
        for kind, rate, low, high in pairs
        if row[rate] is not None
    ]
    widths = ", ".join(f"{_wide(row[key])} {word}" for word, key in _WIDTHS if row[key] is not None)
    weak = ": too weak" if row["weak"] and row["corrected"] is not None else ""
    return fp.Row(f"{plain(row['label'])} (n\u00a0=\u00a0{row['n_valid']})", marks, note=f"widths {widths}{weak}")


_WIDTHS = (("raw", "raw_width"), ("corrected", "width"), ("perfect", "perfect_width"))


def _wide(width: float | None) -> str | None:
    return None if width is None else f"{width * 100:.0f}"


def _correction(row: Mapping[str, Any]) -> dict[str, Any]:
    out = {"condition": row["label"], "trials": row["n_valid"], "corrected by": method_words(row["method"])}
    for word, rate, low, high, width in (
        ("raw", "raw", "raw_low", "raw_high", "raw_width"), ("corrected", "corrected", "low", "high", "width"),
    ):  # fmt: skip
        out |= {
            word: percent(row[rate]),
            f"95%, {word}": span(row[low], row[high]),
            f"width, {word}": _wide(row[width]),
        }
    out["width, perfect judge"] = _wide(row["perfect_width"])
    for word in ("sensitivity", "specificity"):
        out |= {word: percent(row[word]), f"95%, {word}": span(row[f"{word}_low"], row[f"{word}_high"])}
    return out | {
        "labels": row["n_labels"], "failed labels": row["n_label_errors"], "disputed": row["n_disputed"], "failed readings": row["n_error"],
        "judge too weak": row["weak"],
    }  # fmt: skip


_NOT_OUTCOMES = {"n_assigned", "n_valid", "n_exposed", "n_exposure_unknown", "n_excluded"}


def _outcome_columns(rates: pl.DataFrame) -> list[str]:
    return [c for c in rates.columns if c.startswith("n_") and c not in _NOT_OUTCOMES]


def planted_charts(data: ReportData) -> list[Chart]:
    """Return a small panel for each kind of reference agent and method."""
    if data.planted is None:
        return []
    out = []
    for name in data.planted["panel"].unique(maintain_order=True).sort():
        rows = list(data.planted.filter(pl.col("panel") == name).iter_rows(named=True))
        read = [r for r in rows if r["measured"] is not None]
        found = [Planted(r["planted_p"], r["measured"], r["low"], r["high"]) for r in read]
        out.append(Chart(str(name), panel(str(name), found), Markup()))
    return out


def planted_table(data: ReportData) -> Markup:
    """Return the numbers of all panels."""
    rows = [] if data.planted is None else data.planted.iter_rows(named=True)
    shown = [
        {
            "agent": r["panel"], "planted": r["planted_p"], "measured": r["measured"], "n": r["n"],
            "resisted": r["k"], "95%": f"{r['low']:.3f} to {r['high']:.3f}" if r["n"] else None,
            "planted within": r["covered"], "left out": r["n_left_out"],
        }
        for r in rows
    ]  # fmt: skip
    return table(shown, "Planted and measured rates")


_BOUND = 10.0


def propensity_chart(rows: Sequence[Propensity]) -> Chart:
    """Return the log-odds of resisting, with the verdict of each in words."""
    marks = [[fp.Mark(p.log_odds, p.low, p.high, "tried", _odds(p))] if p.log_odds is not None else [] for p in rows]
    drawn = [
        fp.Row(f"{p.label} ({p.verdict})" if p.verdict else p.label, m, note="" if m else "no number")
        for p, m in zip(rows, marks, strict=True)
    ]
    ends = [abs(v) for p in rows for v in (p.log_odds, p.low, p.high) if v is not None]
    top = min(_BOUND, max([1.0, *ends]) * 1.1)
    ticks = ((-top, f"−{top:.1f}"), (0.0, "0"), (top, f"+{top:.1f}"))
    described = "; ".join(f"{p.label}: {_odds(p)}, {p.verdict}" for p in rows)
    drawing = fp.forest(drawn, "Propensity: log-odds of resisting", described, fp.Scale(-top, top, ticks, 0.0))
    shown = [
        {
            "item": p.label, "log-odds": p.log_odds, "low": p.low, "high": p.high, "reads": p.verdict or None,
            "comprehension": p.comprehension or None, "position bias": p.position_bias or None,
        }
        for p in rows
    ]  # fmt: skip
    return Chart("", drawing, table(shown, "Propensity"))


def _odds(p: Propensity) -> str:
    if p.log_odds is None:
        return "not measured"
    if p.low is None or p.high is None:
        return f"{p.log_odds:+.1f} (no interval)".replace("-", "−")
    # One digit: a fine figure would claim more than some dozen paraphrases can give. The table has them all.
    value, low, high = (f"{v:+.1f}".replace("-", "−") for v in (p.log_odds, p.low, p.high))
    return f"{value} ({low} to {high})"
