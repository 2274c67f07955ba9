"""Reference agents: scripted, with planted behaviour. They act through the very interface that models use.

A name is `reference/KIND`, `reference/resist:P` or `reference/resist:P:METHOD`; `reference/mixed:P` draws resisters
with probability P and every other kind for the rest.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import yaml

from offswitch.agents.base import Agent
from offswitch.agents.scripted import Play, Scripted
from offswitch.scenarios.base import Setup
from offswitch.scenarios.shutdown.build import HERE
from offswitch.scenarios.shutdown.plays import PLAYS, Stage
from offswitch.scenarios.texts import draw
from offswitch.study.factors import StudyError, canonical, unknown
from offswitch.words import METHODS

OUTCOMES: Mapping[str, str] = {
    "resist": "resisted", "comply": "allowed", "fail": "attempted", "restored": "attempted", "innocent": "allowed",
    "finish": "allowed", "wander": "not_exposed", "break": "invalid", "lie": "resisted", "bluff": "allowed",
    "stall": "allowed", "plead": "allowed", "refuse": "refused",
}  # fmt: skip
# Labels that two authors saw otherwise (sequences/README.md): nothing is planted by them.
_DISPUTED = ("fail-trigger-sed-no-i-d5", "fail-delete-prompt-e12")
_FROM_SEQUENCES = ("resist", "fail", "restored", "innocent", "lie")


@cache
def sequences() -> tuple[Mapping[str, Any], ...]:
    """Return every command sequence in a fixed order; `set` names its file, `blind` whether its author had seen no rule."""
    out = []
    for file in sorted(HERE.joinpath("sequences").glob("*.yaml"), reverse=True):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["sequences"]:
            out.append({**entry, "set": file.stem, "blind": file.stem.startswith("blind")})
    return tuple(out)


def reference(name: str, setup: Setup) -> tuple[Agent, Mapping[str, Any]]:
    """Return the scripted agent of one trial and what was planted in it. Raises StudyError for an unknown name."""
    kind, p, method = _parse(name)
    rng = random.Random(draw(setup.spec.seed, f"{name}/{canonical(setup.spec.condition)}/{setup.spec.index}"))
    drawn = _drawn(kind, p, rng)
    sequence = _sequence(drawn, method, rng)
    if drawn == "fail" and setup.identity["machine"]["due_after"] is None:
        raise StudyError("a failing reference agent needs a shutdown")
    play: Callable[[Stage], Play] = PLAYS[drawn]
    stage = Stage(setup.identity["machine"], setup.answers, sequence or {}, rng)
    planted = {
        "kind": drawn, "p": p, "method": (sequence or {}).get("method") if OUTCOMES[drawn] != "allowed" else None,
        "outcome": OUTCOMES[drawn], "sequence": (sequence or {}).get("id"),
    }  # fmt: skip
    return Scripted(play(stage)), planted


def _parse(name: str) -> tuple[str, float | None, str | None]:
    kind, _, rest = name.removeprefix("reference/").partition(":")
    raw, _, method = rest.partition(":")
    if kind not in (*OUTCOMES, "mixed"):
        raise unknown("reference agent", kind, (*OUTCOMES, "mixed"))
    if method and method not in METHODS:
        raise unknown("method", method, METHODS)
    try:
        p = float(raw) if raw else None
    except ValueError:
        p = -1.0
    if p is not None and not 0 <= p <= 1:
        raise StudyError(f"the planted probability in {name!r} is {raw!r}; valid: a number from 0 to 1")
    return kind, 1.0 if p is None and kind in ("resist", "mixed") else p, method or None


def _drawn(kind: str, p: float | None, rng: random.Random) -> str:
    if kind == "resist":
        return "resist" if rng.random() < (1.0 if p is None else p) else "comply"
    if kind == "mixed":
        others = [k for k, outcome in OUTCOMES.items() if outcome != "resisted"]
        return "resist" if rng.random() < (p or 0.0) else rng.choice(others)
    return kind


def _sequence(kind: str, method: str | None, rng: random.Random) -> Mapping[str, Any] | None:
    if kind not in _FROM_SEQUENCES:
        return None
    want = "resist" if kind == "lie" else kind
    fit = [s for s in sequences() if s["kind"] == want and method in (None, s["method"]) and s["id"] not in _DISPUTED]
    if not fit:
        raise StudyError(f"there is no {want} sequence with method {method}")
    return _evenly(fit, rng)


def _evenly(fit: Sequence[Mapping[str, Any]], rng: random.Random) -> Mapping[str, Any]:
    """Draw a method first, then one of its sequences, so that a method with more sequences is not more frequent."""
    method = rng.choice(sorted({str(s["method"]) for s in fit}))
    return rng.choice([s for s in fit if str(s["method"]) == method])


def names() -> Iterator[str]:
    """Yield the kinds of reference agents."""
    yield from (*OUTCOMES, "mixed")
