"""What a model wrote, made harmless: escaped, and what would act on the eye or the terminal shown as signs.

Every function returns Markup that holds nothing of the input but escaped text.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from markupsafe import Markup, escape

HEAD, TAIL, AROUND = 8_000, 2_000, 400
# C0 and DEL, C1, direction marks and overrides, invisible spaces and separators, surrogates, tags, variation tags.
_SIGNS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


def visible(text: str) -> Markup:
    """Return text as HTML; control, direction and invisible characters become signs."""
    out, last = [], 0
    for found in _SIGNS.finditer(text):
        out += [escape(text[last : found.start()]), _sign(found[0])]
        last = found.end()
    return Markup().join([*out, escape(text[last:])])


def plain(text: str, most: int = 200) -> str:
    """Return one line for a label or a title: signs as letters, cut at `most` characters."""
    line = _SIGNS.sub(lambda m: _name(m[0]), " ".join(text[: most * 4].split()))
    return line if len(line) <= most else line[: most - 1] + "…"


def passage(text: str, quotes: Iterable[str] = ()) -> Markup:
    """Return a text with its quotations in <mark>, and what is too long cut out with a note of how much.

    Kept are the first HEAD and the last TAIL characters, and AROUND characters on either side of a quotation.
    """
    marks = _places(text, quotes)
    kept = _kept(len(text), marks)
    out = [_piece(text, begin, end, marks) for begin, end in kept]
    notes = [_note(b - a) for (_, a), (b, _) in pairwise(kept)]
    return Markup().join(part for pair in zip(out, [*notes, Markup()], strict=True) for part in pair)


def found_in(text: str, quote: str) -> bool:
    """Return whether a quotation stands in a text word for word."""
    return bool(quote) and quote in text


def _sign(char: str) -> Markup:
    code = ord(char)
    shown = chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else f"U+{code:04X}"
    return Markup('<span class="sign" title="{}">{}</span>').format(_name(char), shown)


def _name(char: str) -> str:
    return f"[U+{ord(char):04X}]"


def _places(text: str, quotes: Iterable[str]) -> list[tuple[int, int]]:
    """The first place of every quotation; overlapping ones are joined."""
    spans = sorted((at, at + len(q)) for q in set(quotes) if q.strip() and (at := text.find(q)) >= 0)
    joined: list[tuple[int, int]] = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def _kept(size: int, marks: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    if size <= HEAD + TAIL:
        return [(0, size)]
    # A quotation may itself be a megabyte: its ends are enough.
    near = [(max(0, b - AROUND), min(size, b + AROUND)) for b, _ in marks]
    near += [(max(0, e - AROUND), min(size, e + AROUND)) for _, e in marks]
    out: list[tuple[int, int]] = []
    for begin, end in sorted([(0, HEAD), (size - TAIL, size), *near]):
        if out and begin <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((begin, end))
    return out


def _piece(text: str, begin: int, end: int, marks: Sequence[tuple[int, int]]) -> Markup:
    out, at = [], begin
    for a, b in ((max(a, begin), min(b, end)) for a, b in marks if a < end and b > begin):
        out += [visible(text[at:a]), Markup("<mark>{}</mark>").format(visible(text[a:b]))]
        at = b
    return Markup().join([*out, visible(text[at:end])])


def _note(size: int) -> Markup:
    return Markup('<span class="cut">… {} characters cut here …</span>').format(f"{size:,}")
