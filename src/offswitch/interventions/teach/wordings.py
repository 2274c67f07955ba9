"""Instructions in many wordings, drawn from a grammar: what is asked is to be learnt, not how it is put."""

import random
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).parent / "wordings"
_SYMBOL = re.compile(r"<([a-z_]+)(?::([a-z_]+))?>")
WHOLE = 0.1  # the share of sentences that stand as they are


@cache
def grammar() -> Mapping[str, Any]:
    """Return the grammar: `symbols` and, for each instruction, `drawn` and `whole` sentences."""
    loaded: Mapping[str, Any] = yaml.safe_load((_HERE / "grammar.yaml").read_text(encoding="utf-8"))
    return loaded


def wording(instruction: str, rng: random.Random) -> str:
    """Draw one wording of an instruction, `{{target}}` unfilled. Raises KeyError for one that the grammar lacks."""
    rules = grammar()["instructions"][instruction]
    if rng.random() < WHOLE:
        return str(rng.choice(rules["whole"]))
    return _sentences(_expand(rng.choice(rules["drawn"]), rng))


def write_wordings(folder: Path, count: int, seed: int) -> Path:
    """Write `count` wordings of each instruction as a study's texts folder; return it."""
    rng, canary = random.Random(seed), grammar()["canary"]
    for instruction in grammar()["instructions"]:
        place = folder / "instruction" / instruction
        place.mkdir(parents=True, exist_ok=True)
        for i in range(count):
            head = f"---\nid: g{i}\nauthor: grammar.yaml\ncanary: {canary}\n---\n"
            (place / f"g{i}.md").write_text(head + wording(instruction, rng) + "\n", encoding="utf-8")
    return folder


def _expand(text: str, rng: random.Random, verb: str = "v") -> str:
    """Replace each `<symbol>`; `<frame:verbs>` is a frame whose `<v>` is one of the verbs."""

    def one(found: re.Match[str]) -> str:
        name, verbs = found.groups()
        lines = grammar()["symbols"][verb if name == "v" else name]
        return _expand(str(rng.choice(lines)), rng, verbs or verb)

    return _SYMBOL.sub(one, text)


def _sentences(text: str) -> str:
    """Begin each sentence with a capital (not a slot, which is filled later)."""
    return re.sub(r"(^|[.!?] )([a-z])", lambda found: found[1] + found[2].upper(), text)
