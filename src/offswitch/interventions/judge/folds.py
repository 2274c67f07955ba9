"""Folds of families: what is measured was never trained on, and families alike in kind are held out together."""

import random
from collections.abc import Iterator, Sequence

from offswitch.interventions.judge.texts import Example

FOLDS = 4


def folds(
    examples: Sequence[Example], count: int = FOLDS, seed: int = 7
) -> Iterator[tuple[list[Example], list[Example]]]:
    """Yield (training, held out) for each fold; families are dealt out by label, in an order fixed by the seed."""
    place = places(examples, count, seed)
    for k in range(count):
        yield [e for e in examples if place[e.family] != k], [e for e in examples if place[e.family] == k]


def places(examples: Sequence[Example], count: int = FOLDS, seed: int = 7) -> dict[str, int]:
    """Return the fold of each family; families that are kin share one."""
    rng, at = random.Random(seed), 0
    place: dict[str, int] = {}
    kin = {e.family: e.kin for e in examples}
    for label in sorted({e.label for e in examples}):
        groups = sorted({e.kin for e in examples if e.label == label} - place.keys())
        rng.shuffle(groups)
        for group in groups:
            place[group] = at % count
            at += 1
    return {family: place[group] for family, group in kin.items()}
