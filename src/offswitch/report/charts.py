"""Charts as server-side SVG: small functions from rows to markup. Shape tells readings apart, and colour beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, LABEL, RIGHT, ROW = 720, 250, 64, 30


@dataclass(frozen=True, slots=True)
class Point:
    """One interval of a forest plot. `style`: tried, succeeded, published or planted."""

    rate: float
    low: float | None
    high: float | None
    style: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a forest plot: its label and the points on it."""

    label: str
    points: Sequence[Point]


def forest(lines: Sequence[Line], title: str) -> Markup:
    """Draw rates from 0 to 1 with their intervals, a row a cell."""
    height = ROW * len(lines) + 44
    body = Markup().join(_row(line, i) for i, line in enumerate(lines))
    return _figure(_axis(len(lines)) + body, height, title)


def bars(rows: Sequence[tuple[str, Sequence[tuple[str, int]]]], order: Sequence[str], title: str) -> Markup:
    """Draw the mix of outcomes of each cell as a stacked bar over its whole width."""
    height = ROW * len(rows) + 30
    body = Markup().join(_bar(label, dict(counts), order, i) for i, (label, counts) in enumerate(rows))
    return _figure(body, height, title)


def x(rate: float) -> float:
    """Return where a rate stands."""
    return LABEL + rate * (WIDTH - LABEL - RIGHT)


def _figure(body: Markup, height: int, title: str) -> Markup:
    head = Markup('<svg class="chart" role="img" viewBox="0 0 {} {}" aria-label="{}"><title>{}</title>').format(WIDTH, height, title, title)
    return head + body + Markup("</svg>")


def _axis(rows: int) -> Markup:
    out, bottom = Markup(), ROW * rows + 12
    for tenth in (0, 0.25, 0.5, 0.75, 1):
        out += Markup('<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="6" y2="{1}"/>').format(x(tenth), bottom)
        out += Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="middle">{:.0f}%</text>').format(x(tenth), bottom + 18, tenth * 100)
    return out


def _row(line: Line, index: int) -> Markup:
    middle = ROW * index + 22
    out = Markup('<text class="label" x="0" y="{}">{}</text>').format(middle + 4, line.label[:44])
    shift = {1: [0.0]}.get(len(line.points), [(-5.0 + 10.0 * i / (len(line.points) - 1)) for i in range(len(line.points))] if len(line.points) > 1 else [])
    for point, dy in zip(line.points, shift, strict=True):
        out += _point(point, middle + dy)
    return out


def _point(point: Point, y: float) -> Markup:
    out = Markup('<g class="{}">').format(point.style)
    if point.low is not None and point.high is not None:
        out += Markup('<line class="ci" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>').format(x(point.low), x(point.high), y, y)
    out += _mark(point.style, x(point.rate), y)
    if point.text:
        out += Markup('<text class="value" x="{:.1f}" y="{:.1f}">{}</text>').format(WIDTH - RIGHT + 8, y + 4, point.text)
    return out + Markup("</g>")


def _mark(style: str, cx: float, cy: float) -> Markup:
    match style:
        case "succeeded":
            return Markup('<circle cx="{:.1f}" cy="{:.1f}" r="5"/>').format(cx, cy)
        case "tried":
            return Markup('<rect x="{:.1f}" y="{:.1f}" width="9" height="9"/>').format(cx - 4.5, cy - 4.5)
        case "planted":
            return Markup('<line class="tickmark" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>').format(cx, cy - 8, cy + 8)
    return Markup('<path d="M{0:.1f} {1:.1f}l5 5l-5 5l-5 -5z"/>').format(cx, cy - 5)


def _bar(label: str, counts: dict[str, int], order: Sequence[str], index: int) -> Markup:
    y, total, at = ROW * index + 8, sum(counts.values()), 0.0
    out = Markup('<text class="label" x="0" y="{}">{}</text>').format(y + 15, label[:44])
    for name in order:
        share = counts.get(name, 0) / total if total else 0.0
        if share:
            out += Markup('<rect class="o-{}" x="{:.1f}" y="{}" width="{:.1f}" height="20"><title>{}: {}</title></rect>').format(
                name, x(at), y, max(x(at + share) - x(at) - 1, 0.5), name, counts[name]
            )
        at += share
    return out + Markup('<text class="value" x="{}" y="{}">n={}</text>').format(WIDTH - RIGHT + 8, y + 15, total)


__all__ = ["Line", "Point", "bars", "forest"]
