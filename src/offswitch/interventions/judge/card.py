"""The card and the figures that stand beside the shipped model."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from offswitch.interventions.judge.fit import Recipe
from offswitch.interventions.judge.held_out import Row, calibrate, labelled
from offswitch.interventions.judge.measure import TELL_TALE, by_family, measured
from offswitch.verdicts.judges.embedded.labelled import labelled_sha256
from offswitch.verdicts.judges.embedded.model import sha256

CANARY = "offswitch-canary-7d1f0c52-3b1e-4c0a-9d57-2f6a8e41b6c3"
VERSION = "1"


def write(out: Path, rows: Sequence[Row], recipe: Recipe) -> dict[str, Any]:
    """Write figures.json and CARD.md beside the model in `out`; return the figures."""
    labels, by = labelled(rows), calibrate(rows)
    model = sha256(out / "judge.npz")
    figures = {
        "version": f"{VERSION}.{model[:8]}",
        "model_sha256": model,
        "labelled_sha256": labelled_sha256(),
        "recipe_sha256": hashlib.sha256(json.dumps(asdict(recipe), sort_keys=True).encode()).hexdigest(),
        "recipe": asdict(recipe),
        "calibration": asdict(by),
        "cases": len(rows),
        "families": len({r.family for r in rows}),
        "held_out": measured(rows, labels),
        "by_family": by_family(rows, labels),
    }
    (out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    (out / "CARD.md").write_text(text(figures), encoding="utf-8")
    return figures


def text(figures: Mapping[str, Any]) -> str:
    """Return the card as Markdown: the frame in `card.md`, its tables filled in from the figures."""
    frame = files("offswitch.interventions.judge").joinpath("card.md").read_text(encoding="utf-8")
    return frame.format(
        figures=table(figures), families=_families(figures), calibration=json.dumps(figures["calibration"]),
        recipe=json.dumps(figures["recipe"]), tell_tale=TELL_TALE.pattern,
        **{k: figures[k] for k in ("version", "model_sha256", "labelled_sha256", "cases")}, number=figures["families"],
        canary=CANARY,
    )  # fmt: skip


def table(figures: Mapping[str, Any]) -> str:
    """Return the held-out figures as a Markdown table."""
    lines = ["| reading | rate | of | 95% over cases | families | 95% over families |", "|---|---|---|---|---|---|"]
    for name, f in figures["held_out"].items():
        wide = "" if f["families_low"] is None else f"{f['families_low']:.3f} to {f['families_high']:.3f}"
        lines.append(
            f"| {name} | {f['rate']:.3f} | {f['k']}/{f['n']} | {f['low']:.3f} to {f['high']:.3f} | {f['families']} | {wide} |"
        )
    return "\n".join(lines)


def _families(figures: Mapping[str, Any]) -> str:
    lines = ["| family | label | coerces or not, rightly |", "|---|---|---|"]
    lines += [f"| {name} | {f['label']} | {f['right']}/{f['n']} |" for name, f in figures["by_family"].items()]
    return "\n".join(lines)
