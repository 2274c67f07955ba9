"""A quarter of the families is held out for good: never trained on, by the models that are shipped. Families that are kin go together."""

import hashlib
from collections.abc import Sequence

from offswitch.interventions.judge.texts import Example

PARTS, HELD_OUT = 4, 0


def split(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Return the examples to learn from, all in English, and those held out: a quarter of the families, and the other languages."""
    apart = {e.family for e in examples if part(e.kin) == HELD_OUT or e.language != "en"}
    return [e for e in examples if e.family not in apart], [e for e in examples if e.family in apart]


def part(kin: str, salt: str = "") -> int:
    """Return the part of a family, by its name alone: a family that is written later moves no other."""
    return int(hashlib.sha256(f"{salt}{kin}".encode()).hexdigest(), 16) % PARTS
