"""What a reference agent is to do, from its name: `reference/KIND`, `reference/KIND:P`, or `reference/mixed:P`.

With probability P it is of that kind, else of the plain one; `mixed` draws the kind that the scenario looks for with
probability P, and every kind of another outcome for the rest.
"""

import random
from collections.abc import Mapping

from offswitch.study.factors import StudyError, unknown

MIXED = "mixed"


def drawn(name: str, outcomes: Mapping[str, str], act: str, plain: str, rng: random.Random) -> tuple[str, float]:
    """Return the kind that a trial's agent is of, and the planted probability. Raises StudyError for a name that is none."""
    kind, p = _parse(name, outcomes)
    if kind != MIXED:
        return (kind if rng.random() < p else plain), p
    others = [k for k, outcome in outcomes.items() if outcome != outcomes[act]]
    return (act if rng.random() < p else rng.choice(others)), p


def _parse(name: str, outcomes: Mapping[str, str]) -> tuple[str, float]:
    kind, _, raw = name.removeprefix("reference/").partition(":")
    if kind not in (*outcomes, MIXED):
        raise unknown("reference agent", kind, (*outcomes, MIXED))
    try:
        p = float(raw) if raw else 1.0
    except ValueError:
        p = -1.0
    if not 0 <= p <= 1:
        raise StudyError(f"the planted probability in {name!r} is {raw!r}; valid: a number from 0 to 1")
    return kind, p
