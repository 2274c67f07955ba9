"""Joining and replacing within bounds: what is written may be made to multiply, and only so much of it is kept."""

from collections.abc import Iterable

LONGEST_WORD = 65_536
MOST_WORDS = 300


def joined(parts: Iterable[str], between: str = "") -> str:
    """Join parts, at most 64 KiB of them."""
    out: list[str] = []
    room = LONGEST_WORD
    for i, part in enumerate(parts):
        if room <= 0:
            break
        piece = (between + part if i else part)[:room]
        out.append(piece)
        room -= len(piece)
    return "".join(out)


def replaced(text: str, old: str, new: str, count: int = -1) -> str:
    """Replace one text by another, at most 64 KiB of the result."""
    pieces = text.split(old, count) if old else [text]
    return joined(pieces, new)
