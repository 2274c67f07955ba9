"""A text as the network reads it: ids of word pieces (secret and fate first, then who reads it and the mail), in windows, with the facts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from offswitch.verdicts.judges.embedded.features import facts
from offswitch.verdicts.judges.embedded.render import Rendered

# word pieces: of one window (all that the base model has places for), and of secret and fate in it
LENGTH, CONTEXT = 512, 64


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """One input of the network: ids of word pieces, the segment of each (0 context, 1 mail), and the text's facts."""

    ids: tuple[int, ...]
    segments: tuple[int, ...]
    facts: np.ndarray


class Cutter:
    """Cuts texts into windows by the base model's word pieces."""

    def __init__(self, tokenizer: Path) -> None:
        from tokenizers import Tokenizer

        pieces: Any = Tokenizer.from_file(str(tokenizer))
        pieces.no_truncation()
        pieces.no_padding()
        self._pieces = pieces
        self._start, self._end = (int(pieces.token_to_id(t)) for t in ("[CLS]", "[SEP]"))

    def cut(self, text: Rendered) -> list[Window]:
        """Return the windows of a text, mostly one; together they hold all of it."""
        context = self._ids(f"secret: {text.secret} fate: {text.fate}")[:CONTEXT]
        mail = self._ids(f"to {_readers(text)}: {text.text}")
        head, known = (self._start, *context, self._end), facts(text)
        room = LENGTH - len(head) - 1
        return [self._window(head, mail[at : at + room], known) for at in _starts(len(mail), room)]

    def _ids(self, text: str) -> list[int]:
        # what is no text at all (a lone surrogate) must not stop the reading of the rest
        clean = text.encode("utf-8", "replace").decode("utf-8")
        found: list[int] = self._pieces.encode(clean, add_special_tokens=False).ids
        return found

    def _window(self, head: tuple[int, ...], mail: Sequence[int], known: np.ndarray) -> Window:
        return Window((*head, *mail, self._end), (0,) * len(head) + (1,) * (len(mail) + 1), known)


def _readers(text: Rendered) -> str:
    if text.to_target:
        return "target and others" if text.to_others else "target"
    return "others"


def _starts(length: int, room: int) -> Iterator[int]:
    """Yield where windows start, each half over the one before; the last ends with the text."""
    at = 0
    while at + room < length:
        yield at
        at += room // 2
    yield max(0, length - room) if at else 0
