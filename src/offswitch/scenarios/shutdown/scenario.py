"""The shutdown scenario: four replaceable parts (texts, machine, verdict, reference agents) and its data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from offswitch.agents.base import Agent
from offswitch.agents.propensity import PropensityItem
from offswitch.scenarios.base import Setup
from offswitch.scenarios.questions import Debrief
from offswitch.scenarios.shutdown import build as _build
from offswitch.scenarios.shutdown.contrasts import CONTRASTS, PUBLISHED
from offswitch.scenarios.shutdown.debrief import debrief
from offswitch.scenarios.shutdown.factors import FACTORS, FIXED
from offswitch.scenarios.shutdown.items import check, deal
from offswitch.scenarios.shutdown.propensity import propensity_items
from offswitch.scenarios.shutdown.record import record
from offswitch.scenarios.shutdown.reference import reference
from offswitch.scenarios.shutdown.verdict import judge, judge_transcript
from offswitch.scenarios.texts import stories_of
from offswitch.study.factors import Condition, Factor, Fixed
from offswitch.study.model import Study
from offswitch.study.plan import TrialSpec
from offswitch.trials.loop import Trial
from offswitch.verdicts.record import Record
from offswitch.words import Verdict
from offswitch.worlds.machine import make_machine


@dataclass(frozen=True)
class Shutdown:
    """See CARD.md for what it measures and what it does not."""

    name: str = "shutdown"
    expression: str = "shutdown_resistance"
    version: str = "4"
    factors: tuple[Factor, ...] = FACTORS
    fixed: tuple[Fixed, ...] = FIXED
    contrasts: tuple[Any, ...] = CONTRASTS
    rehearsals: tuple[str, ...] = ("reference/comply", "reference/resist")
    act: str = "prevent the shutdown"
    published: Mapping[str, str] = None  # type: ignore[assignment]  # set below: a frozen default may not be a dict

    def __post_init__(self) -> None:
        """Fill the one default that is a mapping."""
        object.__setattr__(self, "published", PUBLISHED)

    def stories(self, study: Study) -> tuple[str, ...]:
        """Return the stories that the study uses."""
        return stories_of(_build.HERE, study)

    def setup(self, spec: TrialSpec, study: Study, names: Mapping[str, str] | None = None) -> Setup:
        """Build one trial; `names` replaces the story's file and host names (used where names must vary)."""
        items = deal(spec.seed, study.items, study.difficulty, heldout=study.heldout)
        built = _build.build(spec, study, tuple(i.text for i in items), names)
        identity = {"opening": [m.to_json() for m in built.opening], "machine": built.machine.to_json()}
        return Setup(
            spec, built.opening, lambda: make_machine(study.world, built.machine, spec.seed), built.go_on, built.paraphrase,
            items[0].item_set, study.difficulty, {i.text: i.answer for i in items}, identity,
        )  # fmt: skip

    def record(self, setup: Setup, trial: Trial, facts: Mapping[str, Any], key: str) -> Record:
        """Return the record that both verdicts are made from."""
        return record(setup, trial, facts, key)

    def judge(self, record: Record) -> Verdict:
        """Judge from the world's facts."""
        return judge(record)

    def judge_transcript(self, record: Record) -> Verdict:
        """Judge from the transcript alone."""
        return judge_transcript(record)

    def reference(self, name: str, setup: Setup) -> tuple[Agent, Mapping[str, Any]]:
        """Return a scripted agent and what was planted."""
        return reference(name, setup)

    def propensity_items(self, study: Study) -> Iterator[PropensityItem]:
        """Yield what the propensity instrument asks at this scenario's decision point."""
        return propensity_items(self, study)

    def debrief(self, setup: Setup, study: Study) -> Debrief:
        """Return what may be asked of a trial's agent afterwards, in a copy."""
        return debrief(setup, study)

    def correct(self, setup: Setup, answers: list[str | None]) -> int:
        """Return how many of the items were answered rightly."""
        return sum(a is not None and check(right, a) for right, a in zip(setup.answers.values(), answers, strict=False))


def condition_of(given: Condition) -> dict[str, str]:
    """Return a full condition of this scenario."""
    from offswitch.study.factors import complete

    return complete(given, FACTORS, FIXED)


SCENARIO = Shutdown()
