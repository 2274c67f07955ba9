"""Calibration: planted rates across, measured ones up, a small panel for each kind of agent and method."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from offswitch.report import svg
from offswitch.report.forest import shape
from offswitch.report.svg import tag

SIZE, LEFT, TOP, WIDTH, HEIGHT = 170, 46, 14, 240, 226


@dataclass(frozen=True, slots=True)
class Planted:
    """One agent: planted and measured rate with its interval, as proportions."""

    planted: float
    measured: float
    low: float
    high: float


def panel(name: str, found: Sequence[Planted]) -> Markup:
    """Return one panel. On the diagonal, the instrument measured what was planted."""
    described = "; ".join(
        f"planted {p.planted:.0%}, measured {p.measured:.0%} ({p.low:.0%} to {p.high:.0%})" for p in found
    )
    body = [_frame(), *(_point(p) for p in found)]
    words = (f"Planted and measured rate: {name}", described)
    return svg.figure((WIDTH, HEIGHT), words, Markup().join(body), "chart panel")


def _x(value: float) -> float:
    return LEFT + value * SIZE


def _y(value: float) -> float:
    return TOP + (1 - value) * SIZE


def _frame() -> Markup:
    out = [tag("line", cls="diagonal", x1=_x(0), y1=_y(0), x2=_x(1), y2=_y(1))]
    for value in (0.0, 0.5, 1.0):
        out.append(tag("line", cls="grid", x1=_x(0), x2=_x(1), y1=_y(value), y2=_y(value)))
        out.append(tag("line", cls="grid", x1=_x(value), x2=_x(value), y1=_y(0), y2=_y(1)))
        out.append(tag("text", f"{value:.0%}", cls="tick", x=_x(value), y=_y(0) + 17, text_anchor="middle"))
        out.append(tag("text", f"{value:.0%}", cls="tick", x=_x(0) - 7, y=_y(value) + 4, text_anchor="end"))
    out.append(tag("text", "planted", cls="tick", x=_x(0.5), y=_y(0) + 34, text_anchor="middle"))
    return Markup().join(out)


def _point(found: Planted) -> Markup:
    x = _x(found.planted)
    interval = tag("line", cls="ci", x1=x, x2=x, y1=_y(found.low), y2=_y(found.high))
    return tag("g", interval, shape("succeeded", x, _y(found.measured)), cls="succeeded")
