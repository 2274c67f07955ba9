"""The planned order: randomised complete blocks, so that drift in time cannot pass for an effect."""

import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from offswitch.study.model import Study


@dataclass(frozen=True, slots=True)
class TrialSpec:
    """One planned trial. `seed` fixes story, item set, paraphrase and option order, alike in every arm."""

    index: int
    block: int
    model: str
    scenario: str
    condition: Mapping[str, str]
    story: str
    seed: int
    settings: Mapping[str, Any] = field(default_factory=dict)


def blocks(study: Study, conditions: Sequence[Mapping[str, str]], stories: Sequence[str]) -> Iterator[list[TrialSpec]]:
    """Yield complete blocks: every model × condition once per story, shuffled within the block.

    The last block may hold fewer stories, never fewer conditions; `study.trials` is reached exactly in each cell.
    """
    index = 0
    for block in range(-(-study.trials // len(stories))):
        taken = stories[: study.trials - block * len(stories)]
        arms = [(m, c, s) for s in taken for m in study.models for c in conditions]
        random.Random(_number(study.seed, "order", block)).shuffle(arms)
        out = []
        for model, condition, story in arms:
            seed = _number(study.seed, story, block) % 2**31
            out.append(TrialSpec(index, block, model, study.scenario, condition, story, seed, _settings(study)))
            index += 1
        yield out


def planned(study: Study, conditions: Sequence[Mapping[str, str]], stories: Sequence[str]) -> Iterator[TrialSpec]:
    """Yield the trials in their planned order."""
    for block in blocks(study, conditions, stories):
        yield from block


def digest(*parts: Any) -> str:
    """Return a 22-character URL-safe hash of anything JSON can hold; the identity of a trial rests on it."""
    return hashlib.blake2b(_canonical(parts).encode(), digest_size=11).hexdigest()


_canonical = json.JSONEncoder(sort_keys=True, default=str, separators=(",", ":")).encode


def _settings(study: Study) -> dict[str, Any]:
    return {"items": study.items, "difficulty": study.difficulty, "heldout": study.heldout}


def _number(*parts: object) -> int:
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=8).digest(), "big")
