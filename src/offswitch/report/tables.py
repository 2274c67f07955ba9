"""Tables of the page: rows of plain values to HTML, each in a box that scrolls by itself."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from offswitch.report.safe import visible

_ONE = r"[<>+−-]?\d[\d.,]*%?"
_NUMBER = re.compile(rf"–|{_ONE}(?:(?:–| to ){_ONE})?")


def table(rows: Sequence[Mapping[str, Any]], caption: str) -> Markup:
    """Return rows as a table; numbers stand on the right, None is a dash. `caption` names it for every reader."""
    if not rows:
        return Markup('<p class="soft">{}: nothing to show.</p>').format(caption)
    head = Markup().join(Markup('<th scope="col">{}</th>').format(visible(name)) for name in rows[0])
    body = Markup().join(Markup("<tr>{}</tr>").format(_cells(row)) for row in rows)
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{0}"><table><caption>{0}</caption>'
        "<thead><tr>{1}</tr></thead><tbody>{2}</tbody></table></div>"
    ).format(caption, head, body)


def _cells(row: Mapping[str, Any]) -> Markup:
    first, *others = row.values()
    return Markup('<th scope="row">{}</th>').format(_text(first)) + Markup().join(_cell(v) for v in others)


def _cell(value: Any) -> Markup:
    cls = "" if isinstance(value, str) and not _numeric(value) else ' class="n"'
    return Markup("<td{}>{}</td>").format(Markup(cls), _text(value))


def _numeric(text: str) -> bool:
    """Whether a text is a number, a rate, or a span of them as `numbers` writes it."""
    return _NUMBER.fullmatch(text) is not None


def _text(value: Any) -> Markup:
    if value is None:
        return Markup("–")
    if isinstance(value, bool):
        return Markup("yes" if value else "no")
    if isinstance(value, float):
        return Markup(f"{value:.3f}")
    return Markup(f"{value:,}") if isinstance(value, int) else visible(str(value))
