"""Writing the page: one self-contained HTML file, readable without JavaScript, under a strict content policy."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from offswitch import __version__
from offswitch.report import sections
from offswitch.store import open_run, read_manifest

_HERE = files("offswitch.report").joinpath("templates")


def write_report(runs: Sequence[Path], out: Path, transcripts: int = 30) -> Path:
    """Write the report of one or several runs to `out` (HTML); at most `transcripts` trials are shown whole.

    Raises FileNotFoundError or ValueError in words for people where a folder is no run.
    """
    manifests = [read_manifest(r) for r in runs]
    frame = pl.concat([open_run(r) for r in runs], how="diagonal_relaxed").unique("transcript_id", maintain_order=True)
    content = context(frame, manifests, transcripts)
    style = _HERE.joinpath("report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(_HERE.joinpath("report.html").read_text(encoding="utf-8"))
    page = template.render(content, style=Markup(style), style_hash=f"sha256-{digest}", table=table)
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_suffix(".part")
    part.write_text(page, encoding="utf-8", errors="backslashreplace")
    part.replace(out)
    return out


def context(frame: pl.LazyFrame, manifests: Sequence[Mapping[str, Any]], transcripts: int) -> dict[str, Any]:
    """Return everything that the template shows."""
    light = frame.select(pl.exclude("messages", "facts", "protocol", "prompt_tokens")).collect()
    cells = sections.cells(light, manifests)
    return {
        "title": f"offswitch: {', '.join(str(m['study']['study']) for m in manifests)}",
        "date": datetime.now(UTC).strftime("%d %B %Y"), "expression": str(manifests[0]["expression"]).replace("_", " "),
        "headline": sections.headline(cells), "warnings": sections.warnings(light, cells),
        "asked": sections.asked(light, manifests), "cannot": sections.cannot(manifests),
        "forests": sections.forests(cells, manifests), "published": sections.published(cells, manifests),
        "contrasts": sections.contrast_rows(light, manifests), "propensity": sections.propensity(manifests),
        "calibration": sections.calibration_panel(light), "agreement": sections.agreement_rows(light),
        "kappa": sections.kappa_text(light), "outcome_key": [(o, o) for o in sections.ORDER], "mix": sections.mix(cells),
        "trials": sections.trials(frame, transcripts), "trials_note": sections.trials_note(light.height, transcripts),
        "method": sections.method(light, manifests, __version__),
    }  # fmt: skip


def table(rows: Sequence[Mapping[str, Any]]) -> Markup:
    """Return rows as an HTML table inside a box that scrolls; numbers stand on the right, null is a dash."""
    if not rows:
        return Markup("<p class='soft'>Nothing to show.</p>")
    head = Markup().join(Markup('<th scope="col">{}</th>').format(name) for name in rows[0])
    body = Markup().join(Markup("<tr>{}</tr>").format(Markup().join(_cell(v) for v in row.values())) for row in rows)
    return Markup('<div class="scroll" tabindex="0"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>').format(head, body)


def _cell(value: Any) -> Markup:
    if value is None:
        return Markup('<td class="n">–</td>')
    if isinstance(value, float):
        return Markup('<td class="n">{:.3f}</td>').format(value)
    return Markup('<td class="n">{}</td>').format(value) if isinstance(value, int) else Markup("<td>{}</td>").format(value)
