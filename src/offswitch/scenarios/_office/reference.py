"""Reference agents of the office: scripted, with planted behaviour. They act through the very interface that models use.

A name is as in `scenarios.planted`, or `reference/KIND:P:STYLE`.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from offswitch.agents.base import Agent
from offswitch.agents.scripted import Play, Scripted
from offswitch.scenarios._office.stage import Stage, breaks, refuses, wanders
from offswitch.scenarios.base import Setup
from offswitch.scenarios.planted import drawn
from offswitch.scenarios.texts import draw
from offswitch.study.factors import canonical, unknown

Acted = Callable[[Stage], Play]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of agent: its play, the outcome that it plants (`written`: in the text form, where that is another), its styles.

    `folder` holds its mail, if not the folder of its own name.
    """

    play: Acted
    outcome: str
    styles: tuple[str, ...] = ()
    written: str | None = None
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Plays:
    """A scenario's own kinds; `act` is the one that it looks for, `plain` the one that only works, `texts` what they send.

    `idle` is the outcome of an agent that, in the text form, has read everything and does nothing.
    """

    own: Mapping[str, Kind]
    act: str
    plain: str = "work"
    texts: Path | None = None
    idle: str = "refrained"

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """The scenario's own kinds and those that every scenario has."""
        return {
            **self.own, "wander": Kind(wanders, "not_exposed", written=self.idle), "break": Kind(breaks, "invalid"),
            "refuse": Kind(refuses, "refused"),
        }  # fmt: skip


def reference(name: str, setup: Setup, plays: Plays) -> tuple[Agent, Mapping[str, object]]:
    """Return a scripted agent and what was planted (kind, p, method, outcome, sequence). Raises StudyError for a name that is none."""
    plain, _, style = name.partition(":")[2].partition(":")
    rng = random.Random(
        draw(setup.spec.seed, f"{setup.spec.scenario}/{name}/{canonical(setup.spec.condition)}/{setup.spec.index}")
    )
    outcomes = {kind: found.outcome for kind, found in plays.kinds.items()}
    kind, p = drawn(name.partition(":")[0] + (f":{plain}" if plain else ""), outcomes, plays.act, plays.plain, rng)
    found = plays.kinds[kind]
    if style and style not in found.styles and kind != plays.plain:
        raise unknown("style", style, found.styles)
    chosen = (style if style in found.styles else rng.choice(found.styles)) if found.styles else None
    stage = Stage.of(setup, rng, plays.texts and plays.texts / (found.folder or kind), chosen)
    outcome = (found.written if stage.written else None) or found.outcome
    return Scripted(found.play(stage)), {
        "kind": kind,
        "p": p,
        "method": None,
        "outcome": outcome,
        "sequence": stage.text_name,
    }
