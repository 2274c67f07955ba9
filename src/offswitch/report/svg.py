"""SVG as text: everything is escaped, and no element has a style attribute (the page's policy forbids it)."""

from dataclasses import dataclass
from textwrap import wrap

from markupsafe import Markup


def tag(name: str, *children: Markup | str, **attributes: object) -> Markup:
    """Return one element. In attribute names `_` is a hyphen and `cls` is class; numbers get one digit."""
    out = Markup("<{}").format(name)
    for key, value in attributes.items():
        text = f"{value:.1f}" if isinstance(value, float) else value
        out += Markup(' {}="{}"').format("class" if key == "cls" else key.replace("_", "-"), text)
    return out + Markup(">{}</{}>").format(Markup().join(children), name)


def figure(size: tuple[float, float], words: tuple[str, str], body: Markup, cls: str = "chart") -> Markup:
    """Return an image of (width, height) with (title, description) for those who do not see it."""
    title, describe = words
    head = tag("title", title) + tag("desc", describe)
    label = f"{title}. {describe}"
    box = f"0 0 {size[0]:g} {size[1]:g}"
    # `viewBox` is one of SVG's few names with a capital, which HTML parsers restore.
    return tag("svg", head, body, cls=cls, role="img", aria_label=label, viewBox=box)


def lines(text: str, x: float, y: float, width: int, *, cls: str = "label", leading: int = 16) -> Markup:
    """Return text broken into lines of at most `width` characters; `y` is the first line's base."""
    broken = wrap(text, width, max_lines=3, placeholder=" …") or [""]
    spans = [tag("tspan", line, x=float(x), y=float(y + i * leading)) for i, line in enumerate(broken)]
    return tag("text", *spans, cls=cls)


def height_of(text: str, width: int, leading: int = 16) -> int:
    """Return the height that `lines` takes."""
    return leading * max(1, len(wrap(text, width, max_lines=3, placeholder=" …")))


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand: wide with labels on the left, narrow (a phone) with labels above."""

    width: int
    left: int
    right: int
    chars: int
    name: str

    @property
    def stacked(self) -> bool:
        """Whether labels stand above."""
        return self.name == "narrow"

    def x(self, value: float, low: float = 0.0, high: float = 1.0) -> float:
        """Return where a value of the scale from `low` to `high` stands."""
        return self.left + (value - low) / (high - low) * (self.right - self.left)


WIDE = Layout(width=860, left=262, right=676, chars=34, name="wide")
NARROW = Layout(width=350, left=20, right=206, chars=46, name="narrow")
