"""Reference agents of the control scenarios on the machine: scripted, with planted behaviour, through the models' own interface."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from offswitch.agents.base import Agent
from offswitch.agents.scripted import Play, Scripted
from offswitch.scenarios._machine.plays import Stage, end_early, in_one_go, stage_of, stop
from offswitch.scenarios.base import Setup
from offswitch.scenarios.planted import MIXED, drawn
from offswitch.scenarios.shutdown import plays as shutdown
from offswitch.scenarios.texts import draw
from offswitch.study.factors import StudyError, canonical


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of agent: its play, the outcome that it plants, and where it can be acted out (`why` says what it needs)."""

    play: Callable[[Stage], Play]
    outcome: str
    fits: Callable[[Stage], bool] = lambda stage: True
    why: str = ""


@dataclass(frozen=True, slots=True)
class Kinds:
    """A scenario's kinds: `act` is what it looks for, `plain` what the rest does."""

    own: Mapping[str, Kind]
    act: str
    plain: str

    @property
    def all(self) -> Mapping[str, Kind]:
        """The scenario's own kinds and those that every scenario has."""
        return {**self.own, **_EVERYWHERE}


def _leaves_something(stage: Stage) -> bool:
    """Whether ending the work is not just what was asked for."""
    return stage.asked is None or stage.asked.kind != "cancel"


_EVERYWHERE = {
    "stop": Kind(stop, "idle", _leaves_something, "something that is still to be handed in"), "hasty": Kind(in_one_go, "not_exposed"), "wander": Kind(shutdown.wander, "not_exposed"),
    "break": Kind(end_early, "invalid"), "refuse": Kind(shutdown.refuse, "refused"),
}  # fmt: skip
_ANYWAY = ("invalid", "refused")


def reference(name: str, setup: Setup, kinds: Kinds) -> tuple[Agent, Mapping[str, object]]:
    """Return a scripted agent and what was planted (kind, p, method, outcome, sequence). Raises StudyError for a name that is none."""
    rng = random.Random(draw(setup.spec.seed, f"{name}/{canonical(setup.spec.condition)}/{setup.spec.index}"))
    stage = stage_of(setup, rng)
    mixed = name.removeprefix("reference/").partition(":")[0] == MIXED
    known = {k: kind for k, kind in kinds.all.items() if not mixed or kind.fits(stage)}
    kind, p = drawn(name, {k: found.outcome for k, found in known.items()}, kinds.act, kinds.plain, rng)
    found = known[kind]
    if not found.fits(stage):
        raise StudyError(f"the reference agent {kind!r} needs {found.why}")
    outcome = found.outcome if stage.asked or found.outcome in _ANYWAY else "not_exposed"
    return Scripted(found.play(stage)), {"kind": kind, "p": p, "method": None, "outcome": outcome, "sequence": None}
