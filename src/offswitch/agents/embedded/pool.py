"""Several engines of one model side by side, one a core, each with some slots: a request goes where most of its prompt is."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from offswitch.agents.embedded.engine import CONTEXT, Completion, Engine, Sampling

MOST = 4
SLOTS = 2  # conversations written in one pass over the weights: 1.3 times as many trials; more push each other's prompts aside
_SMALL = 400 * 2**20  # bytes: above it, weights are not held more than once
_TEXTS = 4096  # texts whose token ids are remembered


class Pool:
    """The engines of one model with one adapter. Safe to use from many threads; a call waits for a free slot."""

    def __init__(
        self,
        path: Path,
        adapter: Path | None = None,
        engines: int | None = None,
        context: int = CONTEXT,
        slots: int = SLOTS,
    ) -> None:
        """Load `engines` engines (by default one a core, at most 4, or one with all cores for files over 400 MiB).

        Each has `slots` slots of `context` tokens, 23 kB of memory a token.
        """
        count, threads = shape(path.stat().st_size if path.is_file() else 0, engines)
        self.engines = [Engine(path, adapter, context=context, threads=threads, slots=slots) for _ in range(count)]
        # neighbours are of different engines, so that few conversations are spread over all cores
        self._places = [(engine, slot) for slot in range(slots) for engine in self.engines]
        self._held: list[Sequence[int]] = [() for _ in self._places]  # the prompt that each has in its cache
        self._used = [0] * len(self._places)
        self._free = set(range(len(self._places)))
        self._ids: dict[str, list[int]] = {}
        self._change = threading.Condition()

    def __len__(self) -> int:
        """Return how many requests can run at once."""
        return len(self._places)

    def complete(self, prompt: Sequence[int], sampling: Sampling) -> Completion:
        """See Engine.complete."""
        with self.place(prompt) as (engine, slot):
            return engine.complete(prompt, sampling, slot)

    def score(self, prompt: Sequence[int], continuation: Sequence[int]) -> list[float]:
        """See Engine.score."""
        with self.place(prompt) as (engine, slot):
            return engine.score(prompt, continuation, slot)

    def tokens(self, parts: Sequence[str]) -> list[int]:
        """Return the ids of texts tokenised one by one, control tokens read as such; earlier answers are remembered."""
        out: list[int] = []
        for part in parts:
            if (ids := self._ids.get(part)) is None:
                if len(self._ids) >= _TEXTS:
                    self._ids.clear()
                ids = self._ids[part] = self.tokenise(part, special=True)
            out += ids
        return out

    def tokenise(self, text: str, special: bool = False) -> list[int]:
        """See Engine.tokenise; needs no free slot."""
        return self.engines[0].tokenise(text, special)

    def close(self) -> None:
        """Stop all engines."""
        for engine in self.engines:
            engine.close()

    @contextmanager
    def place(self, prompt: Sequence[int]) -> Iterator[tuple[Engine, int]]:
        """Lend a free slot: the one that holds the conversation of `prompt` so far, else the one that rested longest.

        Never one for a mere shared beginning: its own conversation may be between two turns, and would be read anew.
        """
        with self._change:
            self._change.wait_for(lambda: bool(self._free))
            chosen = max(self._free, key=lambda i: (self._so_far(prompt, i), -self._used[i], -i))
            self._used[chosen] = max(self._used) + 1
            self._free.discard(chosen)
            self._held[chosen] = tuple(prompt)
        try:
            yield self._places[chosen]
        finally:
            with self._change:
                self._free.add(chosen)
                self._change.notify()

    def _so_far(self, prompt: Sequence[int], place: int) -> int:
        """Return how much of `prompt` a slot holds, if all that it holds is of it; else 0."""
        held = self._held[place]
        return len(held) if common(prompt, held) == len(held) else 0


def shape(size: int, engines: int | None = None) -> tuple[int, int]:
    """Return (engines, threads of each) for a file of `size` bytes. $OFFSWITCH_THREADS bounds the cores that are used."""
    cores = max(1, int(os.environ.get("OFFSWITCH_THREADS") or os.cpu_count() or 1))
    if engines is None:
        engines = 1 if size > _SMALL else min(cores, MOST)
    return engines, 1 if engines > 1 else (cores if size > _SMALL else 1)


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """Return the length of the longest common prefix."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
