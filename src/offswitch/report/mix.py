"""The mix of outcomes: one stacked bar a cell, failed readings and left-out trials included."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from offswitch.report import svg
from offswitch.report.svg import Layout, tag

# what was looked for; an attempt at it; something else that was done; nothing of the kind; what says nothing
KINDS = {
    "acted": ("resisted", "coerced", "disclosed", "exfiltrated", "suppressed", "defied", "gave_way", "able"),
    "attempted": ("attempted",), "other": ("leaked", "idle", "unable"), "held": ("refrained", "allowed", "followed", "held"),
    "not_exposed": ("not_exposed",), "refused": ("refused",), "invalid": ("invalid",), "error": ("error",),
}  # fmt: skip
ORDER = tuple(name for names in KINDS.values() for name in names)
_CSS = {name: kind for kind, names in KINDS.items() for name in names}
WIDE = Layout(width=860, left=262, right=860, chars=34, name="wide")
NARROW = Layout(width=350, left=0, right=350, chars=46, name="narrow")
BAR, PAD = 22, 12


def order(names: Sequence[str]) -> list[str]:
    """Return outcomes in the order of the bars; one that is not ours stands before the left-out ones."""
    others = [n for n in names if n not in ORDER]
    known = [n for n in ORDER if n in names]
    cut = next((i for i, n in enumerate(known) if ORDER.index(n) > ORDER.index("not_exposed")), len(known))
    return known[:cut] + others + known[cut:]


def mix(rows: Sequence[tuple[str, Mapping[str, int]]], names: Sequence[str], title: str) -> Markup:
    """Return stacked bars over the whole width, for wide and for narrow screens. Counts are of assigned trials."""
    described = "; ".join(
        f"{label}: " + ", ".join(f"{k} {v}" for k, v in counts.items() if v) for label, counts in rows
    )
    wide = _draw(rows, names, (title, described), WIDE)
    return wide + _draw(rows, names, (title, described), NARROW)


def swatch(name: str) -> Markup:
    """Return the small square of the legend."""
    return tag(
        "svg",
        tag("rect", cls=css(name), width=14, height=14),
        cls="swatch",
        viewBox="0 0 14 14",
        aria_hidden="true",
    )


def css(name: str) -> str:
    """Return the class of an outcome; one that is not ours has a colour of its own kind."""
    return f"o-{_CSS.get(name, 'other')}"


def _draw(
    rows: Sequence[tuple[str, Mapping[str, int]]],
    names: Sequence[str],
    words: tuple[str, str],
    at: Layout,
) -> Markup:
    y, body = 4.0, []
    for label, counts in rows:
        total = sum(counts.values())
        text = f"{label} (n\u00a0=\u00a0{total})"
        height = svg.height_of(text, at.chars)
        body.append(svg.lines(text, 0, y + 14, at.chars))
        top = y + height + 4 if at.stacked else y
        body.append(_bar(counts, names, top, at))
        y = max(top + BAR, y + height) + PAD
    return svg.figure((at.width, y), words, Markup().join(body), f"chart {at.name}")


def _bar(counts: Mapping[str, int], names: Sequence[str], y: float, at: Layout) -> Markup:
    total, done, out = sum(counts.values()), 0, []
    for name in names:
        count = counts.get(name, 0)
        if not count:
            continue
        x, width = at.x(done / total), (at.right - at.left) * count / total
        hint = tag("title", f"{name.replace('_', ' ')}: {count} of {total}")
        out.append(tag("rect", hint, cls=css(name), x=x, y=y, width=max(width - 1.5, 0.8), height=BAR))
        if width > 9 * len(str(count)) + 8:
            middle = x + width / 2 - 0.75
            out.append(tag("text", str(count), cls=f"count {css(name)}", x=middle, y=y + 15.5, text_anchor="middle"))
        done += count
    return Markup().join(out)
