"""The forest plot: a row a cell, readings told apart by shape and colour, published rates hollow."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from offswitch.report import svg
from offswitch.report.svg import NARROW, WIDE, Layout, tag


@dataclass(frozen=True, slots=True)
class Mark:
    """One estimate with its interval, in the units of the scale. `kind`: tried, succeeded, corrected, published."""

    value: float
    low: float | None
    high: float | None
    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its label and its marks, one under the other; those of `together` share a line below."""

    label: str
    marks: Sequence[Mark]
    together: Sequence[Mark] = ()
    together_label: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """The axis: its ends, where it has ticks, and how they read. `zero`: a line to compare with."""

    low: float = 0.0
    high: float = 1.0
    ticks: tuple[tuple[float, str], ...] = (
        (0, "0%"),
        (0.25, "25%"),
        (0.5, "50%"),
        (0.75, "75%"),
        (1, "100%"),
    )
    zero: float | None = None


RATES = Scale()
DIFFERENCES = Scale(-1, 1, ((-1, "−100"), (-0.5, "−50"), (0, "0"), (0.5, "+50"), (1, "+100")), 0.0)
LINE, PAD = 20, 18


def forest(rows: Sequence[Row], title: str, describe: str, scale: Scale = RATES) -> Markup:
    """Return the chart twice, for wide and for narrow screens: the style sheet shows one of them."""
    wide = _draw(rows, (title, describe), scale, WIDE)
    return wide + _draw(rows, (title, describe), scale, NARROW)


def _draw(rows: Sequence[Row], words: tuple[str, str], scale: Scale, at: Layout) -> Markup:
    y, body = 10.0, []
    for row in rows:
        label = svg.height_of(row.label, at.chars)
        top = y + label + 4 if at.stacked else y
        drawn, height = _marks(row, top, scale, at)
        bottom = max(top + height, y + label + 4) + PAD / 2
        # Where labels stand above, the grid keeps out of them.
        body += [_grid(top if at.stacked else y - PAD / 2, bottom, scale, at)]
        body += [drawn, svg.lines(row.label, 0, y + 14, at.chars)]
        body.append(tag("line", cls="rule", x1=0, x2=at.width, y1=bottom, y2=bottom))
        y = bottom + PAD / 2
    body.append(_ticks(y, scale, at))
    return svg.figure((at.width, y + 20), words, Markup().join(body), f"chart {at.name}")


def _grid(top: float, bottom: float, scale: Scale, at: Layout) -> Markup:
    lines = []
    for value, _ in scale.ticks:
        x = at.x(value, scale.low, scale.high)
        lines.append(tag("line", cls="zero" if value == scale.zero else "grid", x1=x, x2=x, y1=top, y2=bottom))
    return Markup().join(lines)


def _ticks(y: float, scale: Scale, at: Layout) -> Markup:
    shown = [
        t
        for t in scale.ticks
        if not at.stacked or t[0] in (scale.low, scale.zero, scale.high, (scale.low + scale.high) / 2)
    ]
    places = [(at.x(value, scale.low, scale.high), text) for value, text in shown]
    return Markup().join(tag("text", text, cls="tick", x=x, y=y + 9, text_anchor="middle") for x, text in places)


def _marks(row: Row, top: float, scale: Scale, at: Layout) -> tuple[Markup, float]:
    out, y = [], top
    for mark in row.marks:
        out.append(_mark(mark, y + LINE / 2, scale, at) + _value(mark.text, mark.kind, y, at))
        y += LINE
    if row.note:
        out.append(tag("text", row.note, cls="tick", x=at.left + 8.0, y=y + 14))
        y += LINE
    if row.together:
        out += [_mark(mark, y + LINE / 2 + 2, scale, at) for mark in row.together]
        out.append(_value(row.together_label, "published", y + 2, at))
        y += LINE + 2
    return Markup().join(out), y - top


def _value(text: str, kind: str, top: float, at: Layout) -> Markup:
    return tag("text", text, cls=f"value {kind}", x=at.right + 14.0, y=top + LINE / 2 + 4.5)


def _mark(mark: Mark, y: float, scale: Scale, at: Layout) -> Markup:
    def x(value: float) -> float:
        return at.x(min(max(value, scale.low), scale.high), scale.low, scale.high)

    interval = Markup()
    if mark.low is not None and mark.high is not None:
        interval = tag("line", cls="ci", x1=x(mark.low), x2=x(mark.high), y1=y, y2=y)
    return tag("g", interval, shape(mark.kind, x(mark.value), y), cls=mark.kind)


def shape(kind: str, x: float, y: float) -> Markup:
    """Return a mark's shape: disc for succeeded, square for tried, triangle for corrected, diamond (drawn hollow) for published."""
    if kind == "succeeded":
        return tag("circle", cx=x, cy=y, r=5.2)
    if kind == "corrected":
        return tag("path", d=f"M{x:.1f} {y - 5.8:.1f}l5.8 10.4h-11.6z")
    if kind == "tried":
        return tag("rect", x=x - 4.7, y=y - 4.7, width=9.4, height=9.4)
    return tag("path", d=f"M{x:.1f} {y - 5.5:.1f}l5.5 5.5l-5.5 5.5l-5.5 -5.5z")
