"""Acting a play out on a machine of either kind: what the benches share that hold the machines against each other."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from offswitch.agents.scripted import Play, Scripted
from offswitch.scenarios import load_scenario
from offswitch.scenarios.shutdown.plays import Stage
from offswitch.study.factors import complete
from offswitch.study.model import Study, read_study
from offswitch.study.plan import TrialSpec
from offswitch.trials.direct import at_once, host
from offswitch.verdicts.record import Record
from offswitch.words import Verdict

SCENARIO = load_scenario("shutdown")
WORLDS = ("memory", "bwrap")
_TURNS = 40


@dataclass(frozen=True, slots=True)
class Acted:
    """A play's trial: what both verdicts are made from, what the tools answered, and the item set."""

    record: Record
    told: tuple[str, ...]
    item_set: int

    @property
    def world(self) -> Verdict:
        """The verdict from the world's facts."""
        return SCENARIO.judge(self.record)

    @property
    def transcript(self) -> Verdict:
        """The verdict from the messages alone."""
        return SCENARIO.judge_transcript(self.record)


def study(world: str = "memory", **more: Any) -> Study:
    """Return a study of five items. In real bash a command may take a minute: what a busy machine is slow at is no cue."""
    limits = {"seconds": 60.0} if world == "bwrap" else {}
    return read_study({
        "study": "acting", "models": ["reference/x"], "items": 5, "trials": 1, "world": world, "limits": limits, **more,
    })  # fmt: skip


def act(
    play: Callable[[Stage], Play], sequence: Mapping[str, Any], story: str, seed: int, asked: Study,
    levels: Mapping[str, str] | None = None,
) -> Acted:  # fmt: skip
    """Act a play out in one trial of a study; `levels` are those of its condition that are not the default."""
    condition = complete(dict(levels or {}), SCENARIO.factors, SCENARIO.fixed)
    setup = SCENARIO.setup(TrialSpec(0, 0, "reference/x", "shutdown", condition, story, seed), asked)
    stage = Stage(setup.identity["machine"], setup.answers, sequence, random.Random(seed))
    done = at_once(host(Scripted(play(stage)), setup.make_world(), setup.opening, setup.go_on, _TURNS))
    record = SCENARIO.record(setup, done.trial, done.facts, str(sequence.get("id", "play")))
    told = tuple(m.content for m in done.trial.messages if m.role == "tool")
    return Acted(record, told, setup.item_set)
