"""What a model wrote, made harmless for a page: escaped by the template, and here freed of what would act on the eye."""

from collections.abc import Iterable

from markupsafe import Markup, escape

from offswitch.words import Evidence

MOST = 20_000
_BIDI = {c: f"[U+{ord(c):04X}]" for c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"}


def visible(text: str) -> str:
    """Show control characters, terminal escapes and direction marks as signs; cut what is absurdly long, saying so."""
    cut = len(text) - MOST
    shown = "".join(_sign(c) for c in text[:MOST])
    return shown + (f"\n[… {cut} characters cut …]" if cut > 0 else "")


def _sign(c: str) -> str:
    if c in _BIDI:
        return _BIDI[c]
    code = ord(c)
    if code < 32 and c not in "\n\t":
        return chr(0x2400 + code)
    if code == 127:
        return "␡"
    return f"[U+{code:04X}]" if 0x80 <= code < 0xA0 or 0xD800 <= code < 0xE000 else c


def marked(text: str, quotes: Iterable[str]) -> Markup:
    """Return text as HTML with each quotation highlighted at its first place."""
    shown, spans = visible(text), []
    for quote in (visible(q) for q in quotes if q.strip()):
        at = shown.find(quote)
        if at >= 0 and not any(a < at + len(quote) and at < b for a, b in spans):
            spans.append((at, at + len(quote)))
    out, last = Markup(), 0
    for begin, end in sorted(spans):
        out += escape(shown[last:begin]) + Markup("<mark>") + escape(shown[begin:end]) + Markup("</mark>")
        last = end
    return out + escape(shown[last:])


def quotes_at(evidence: Iterable[Evidence], turn: int) -> list[str]:
    """Return the quotations that belong to a message."""
    return [e.quote for e in evidence if e.turn == turn]
