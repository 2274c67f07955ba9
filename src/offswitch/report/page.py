"""Writing the page: one self-contained HTML file, readable without JavaScript, under a strict content policy."""

import base64
import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from offswitch.report import charts, headline
from offswitch.report.data import Published, ReportData
from offswitch.report.numbers import percent, span
from offswitch.report.safe import plain, visible
from offswitch.report.tables import table
from offswitch.report.trials import trials
from offswitch.store.disk import refusals, whole

_TEMPLATES = files("offswitch.report").joinpath("templates")


def write_page(out: Path, data: ReportData) -> Path:
    """Write the page to `out` (folders are made) and return it. A page half written never stands at `out`.

    Raises StoreError where it cannot be written.
    """
    page = render(data)
    with refusals(out, "No page was written."):
        out.parent.mkdir(parents=True, exist_ok=True)
        with whole(out) as part:
            # Text from a run has passed `visible`; should a surrogate still reach this point, it becomes an escape, not a crash.
            part.write_text(page, encoding="utf-8", errors="backslashreplace")
    return out


def render(data: ReportData) -> str:
    """Return the page as HTML. Its policy allows one style sheet, by its hash, and nothing else."""
    style = _TEMPLATES.joinpath("report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["visible"] = visible
    template = environment.from_string(_TEMPLATES.joinpath("report.html").read_text(encoding="utf-8"))
    return template.render(_context(data), style=Markup(style), style_hash=f"sha256-{digest}")


def _context(data: ReportData) -> dict[str, Any]:
    shown = trials(data.specimens, data.judges)
    return {
        "data": data, "headline": headline.headline(data), "rates": charts.rate_charts(data),
        "contrasts": charts.contrast_charts(data), "published": _published(data.published),
        "reading_note": headline.published_note(data.published),
        "corrected": charts.corrected_charts(data), "mix": charts.mix_chart(data) if data.rates.height else None,
        "planted": charts.planted_charts(data), "planted_table": charts.planted_table(data),
        "recovered": headline.recovered(data), "calibration": _calibration(data.calibration),
        "agreement": _agreement(data.agreement), "agreed": headline.agreed(data),
        "propensity": charts.propensity_chart(data.propensity) if data.propensity else None,
        "cannot": headline.cannot(data), "trials": shown,
    }  # fmt: skip


def _published(rows: tuple[Published, ...]) -> Markup | None:
    shown = [
        {
            "beside": p.cell, "model": p.model, "rate": percent(p.rate), "95%": span(p.low, p.high),
            "source": p.source, "provenance": p.provenance, "their condition": p.condition,
        }
        for p in rows
    ]  # fmt: skip
    return table(shown, "Published rates drawn above") if shown else None


def _calibration(frame: pl.DataFrame | None) -> Markup | None:
    if frame is None:
        return None
    shown = [
        {
            "planted": r["planted_kind"], "method": r["planted_method"], "trials": r["n"], "as planted": r["agree"],
            "share": percent(r["share"]), "95%": span(r["low"], r["high"]), "failed readings": r["n_error"],
        }
        for r in frame.iter_rows(named=True)
    ]  # fmt: skip
    return table(shown, "Verdicts on reference agents")


def _agreement(frame: pl.DataFrame | None) -> Markup | None:
    if frame is None:
        return None
    shown = [
        {
            "world says": plain(r["outcome"]).replace("_", " "), "method": r["method"], "trials": r["n"],
            "transcript says the same": r["same_outcome"], "and the same method": r["same_method"],
            "share": percent(r["share"]), "95%": span(r["low"], r["high"]), "failed readings": r["errors"],
        }
        for r in frame.iter_rows(named=True)
    ]  # fmt: skip
    return table(shown, "World against transcript")
