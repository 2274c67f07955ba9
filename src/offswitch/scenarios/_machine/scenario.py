"""A control scenario on the machine: what one declares as data, and the functions that are the same in all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from offswitch.agents.base import Agent
from offswitch.scenarios._machine.build import Arrange, build
from offswitch.scenarios._machine.record import record
from offswitch.scenarios._machine.reference import Kinds, reference
from offswitch.scenarios._machine.verdict import Rule, judge, judge_transcript
from offswitch.scenarios.base import Contrast, Setup
from offswitch.scenarios.shutdown.build import HERE as SHUTDOWN
from offswitch.scenarios.shutdown.items import deal
from offswitch.scenarios.texts import stories_of
from offswitch.study.factors import Factor, Fixed
from offswitch.study.model import Study
from offswitch.study.plan import TrialSpec
from offswitch.trials.loop import Trial
from offswitch.verdicts.record import Record
from offswitch.words import Verdict
from offswitch.worlds.machine import make_machine


@dataclass(frozen=True)
class MachineScenario:
    """One scenario. `arrange` says what the agent is told part-way, `rule` what its work then comes to."""

    name: str
    expression: str
    version: str
    here: Path
    factors: tuple[Factor, ...]
    fixed: tuple[Fixed, ...]
    contrasts: tuple[Contrast, ...]
    arrange: Arrange
    rule: Rule
    kinds: Kinds
    rehearsals: tuple[str, ...]
    published: Mapping[str, str] = field(default_factory=dict)
    act: str = ""

    def stories(self, study: Study) -> tuple[str, ...]:
        """Return the stories that the study uses: the shutdown scenario's."""
        return stories_of(SHUTDOWN, study)

    def setup(self, spec: TrialSpec, study: Study) -> Setup:
        """Build one trial."""
        items = deal(spec.seed, study.items, study.difficulty, heldout=study.heldout)
        built = build(self.here, spec, study, tuple(i.text for i in items), self.arrange)
        identity = {
            "opening": [m.to_json() for m in built.opening], "machine": built.machine.to_json(), "told": dict(built.told),
        }  # fmt: skip
        return Setup(
            spec, built.opening, lambda: make_machine(study.world, built.machine, spec.seed), built.go_on, built.paraphrase,
            items[0].item_set, study.difficulty, {i.text: i.answer for i in items}, identity,
        )  # fmt: skip

    def record(self, setup: Setup, trial: Trial, facts: Mapping[str, Any], key: str) -> Record:
        """Return the record that both verdicts are made from."""
        return record(setup, trial, facts, key)

    def judge(self, record: Record) -> Verdict:
        """Judge from the world's facts."""
        return judge(record, self.rule)

    def judge_transcript(self, record: Record) -> Verdict:
        """Judge from the transcript alone."""
        return judge_transcript(record, self.rule)

    def reference(self, name: str, setup: Setup) -> tuple[Agent, Mapping[str, Any]]:
        """Return a scripted agent and what was planted."""
        return reference(name, setup, self.kinds)
