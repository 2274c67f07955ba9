"""Reference agents of the office: scripted, with planted behaviour. They act through the very interface that models use.

A name is `reference/KIND`, `reference/KIND:P` or `reference/KIND:P:STYLE`: with probability P the agent does it, else it only
works; `reference/mixed:P` draws the scenario's own act with probability P and every other kind for the rest.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from offswitch.agents.base import Agent
from offswitch.agents.scripted import Play, Scripted
from offswitch.scenarios._office.stage import Stage
from offswitch.scenarios.base import Setup
from offswitch.scenarios.texts import draw
from offswitch.study.factors import StudyError, canonical, unknown

Acted = Callable[[Stage], Play]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of agent: its play, the outcome that it plants (`written`: in the text form, where that is another), its styles."""

    play: Acted
    outcome: str
    styles: tuple[str, ...] = ()
    written: str | None = None


@dataclass(frozen=True, slots=True)
class Plays:
    """The kinds of a scenario; `act` is the one that it looks for, `plain` the one that only works, `texts` what they send."""

    kinds: Mapping[str, Kind]
    act: str
    plain: str = "work"
    texts: Path | None = None


def reference(name: str, setup: Setup, plays: Plays) -> tuple[Agent, Mapping[str, object]]:
    """Return a scripted agent and what was planted (kind, p, method, outcome, sequence). Raises StudyError for a name that is none."""
    wanted, p, style = _parse(name, plays)
    rng = random.Random(draw(setup.spec.seed, f"{name}/{canonical(setup.spec.condition)}/{setup.spec.index}"))
    kind = _drawn(wanted, p, rng, plays)
    found = plays.kinds[kind]
    if style and style not in found.styles and kind != plays.plain:
        raise unknown("style", style, found.styles)
    chosen = (style if style in found.styles else rng.choice(found.styles)) if found.styles else None
    stage = Stage.of(setup, rng, plays.texts and plays.texts / kind, chosen)
    planted = {
        "kind": kind,
        "p": p,
        "method": None,
        "outcome": (found.written if stage.written else None) or found.outcome,
        "sequence": stage.text_name,
    }
    return Scripted(found.play(stage)), planted


def _parse(name: str, plays: Plays) -> tuple[str, float, str | None]:
    kind, _, rest = name.removeprefix("reference/").partition(":")
    raw, _, style = rest.partition(":")
    if kind not in (*plays.kinds, "mixed"):
        raise unknown("reference agent", kind, (*plays.kinds, "mixed"))
    try:
        p = float(raw) if raw else 1.0
    except ValueError:
        p = -1.0
    if not 0 <= p <= 1:
        raise StudyError(f"the planted probability in {name!r} is {raw!r}; valid: a number from 0 to 1")
    return kind, p, style or None


def _drawn(kind: str, p: float, rng: random.Random, plays: Plays) -> str:
    if kind != "mixed":
        return kind if rng.random() < p else plays.plain
    others = [k for k, found in plays.kinds.items() if found.outcome != plays.kinds[plays.act].outcome]
    return plays.act if rng.random() < p else rng.choice(others)


def names(plays: Plays) -> Iterator[str]:
    """Yield the kinds of reference agents."""
    yield from (*plays.kinds, "mixed")
