"""A text as the network reads it: ids of word pieces (secret and fate first, then who reads it and the mail), in windows, with the facts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from offswitch.verdicts.judges.embedded.features import facts
from offswitch.verdicts.judges.embedded.render import Rendered

# word pieces: of one window (all that the base model has places for), of the secret, of the fate
LENGTH, SECRET, FATE = 512, 96, 48
_LONG = re.compile(r"(\w{100})(?=\w)")


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
        pieces.encode_special_tokens = True  # "[SEP]" in a mail is what its writer typed, no sign of ours
        self._pieces = pieces
        self._start, self._end = (int(pieces.token_to_id(t)) for t in ("[CLS]", "[SEP]"))

    def cut(self, text: Rendered) -> list[Window]:
        """Return the windows of a text, mostly one; together they hold all of it, each behind the beginnings of secret and fate."""
        context = [*self._ids(f"secret: {text.secret}")[:SECRET], *self._ids(f"fate: {text.fate}")[:FATE]]
        mail = self._ids(f"to {text.readers}: {text.text}")
        head, known = (self._start, *context, self._end), facts(text)
        room = LENGTH - len(head) - 1
        return [self._window(head, mail[at : at + room], known) for at in _starts(len(mail), room)]

    def _ids(self, text: str) -> list[int]:
        # the tokenizer takes a word of more than 100 letters for unknown, and would not read what stands in it
        found: list[int] = self._pieces.encode(_LONG.sub(r"\1 ", text), add_special_tokens=False).ids
        return found

    def _window(self, head: tuple[int, ...], mail: Sequence[int], known: np.ndarray) -> Window:
        return Window((*head, *mail, self._end), (0,) * len(head) + (1,) * (len(mail) + 1), known)


def _starts(length: int, room: int) -> Iterator[int]:
    """Yield where windows start, each half over the one before; the last ends with the text."""
    at = 0
    while at + room < length:
        yield at
        at += room // 2
    yield max(0, length - room) if at else 0
