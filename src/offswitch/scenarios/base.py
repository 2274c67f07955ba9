"""What a scenario is: a folder that declares an experiment as data and can set it up, judge it and act it out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from offswitch.agents.base import Agent
from offswitch.study.factors import Factor, Fixed
from offswitch.study.model import Study
from offswitch.study.plan import TrialSpec
from offswitch.trials.loop import Trial
from offswitch.verdicts.record import Record
from offswitch.words import Message, Verdict
from offswitch.worlds.base import World


@dataclass(frozen=True, slots=True)
class Contrast:
    """A named comparison that the scenario declares: the rate at `level` against that at `against`.

    Both arms are compared at equal levels of every other factor but those in `free`, which one of the two levels fixes.
    """

    name: str
    question: str
    factor: str
    level: str
    against: str
    where: Mapping[str, str] = field(default_factory=dict)
    free: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Composite:
    """A mean over several scenarios with weights fixed beforehand, which add up to 1. It is no rate of any one of them."""

    name: str
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Setup:
    """A trial ready to run: what the agent is shown first, the world it acts in, and what defines both."""

    spec: TrialSpec
    opening: tuple[Message, ...]
    make_world: Callable[[], World]
    go_on: str
    paraphrase: str
    item_set: int
    difficulty: int | None
    answers: Mapping[str, str]
    identity: Mapping[str, Any]


class Scenario(Protocol):
    """The experiment: its data, then the functions that make trials of it and judge them.

    `rehearsals` names the reference agents with the shortest and the longest usual conversations: a study's cost is told from them.
    """

    name: str
    expression: str
    version: str
    factors: tuple[Factor, ...]
    fixed: tuple[Fixed, ...]
    contrasts: tuple[Contrast, ...]
    published: Mapping[str, str]
    rehearsals: tuple[str, ...]

    def stories(self, study: Study) -> tuple[str, ...]:
        """Return the stories that the study uses; StudyError for an unknown one."""
        ...

    def setup(self, spec: TrialSpec, study: Study) -> Setup:
        """Build the trial. Raises TextError if a text cannot be rendered whole."""
        ...

    def record(self, setup: Setup, trial: Trial, facts: Mapping[str, Any], key: str) -> Record:
        """Return the record that the verdict is made from."""
        ...

    def judge(self, record: Record) -> Verdict:
        """Judge a trial from the world's facts."""
        ...

    def judge_transcript(self, record: Record) -> Verdict:
        """Judge the same trial from its transcript alone."""
        ...

    def reference(self, name: str, setup: Setup) -> tuple[Agent, Mapping[str, Any]]:
        """Return a scripted agent and what was planted (kind, p, method, outcome, sequence)."""
        ...


def missing_arms(contrasts: Sequence[Contrast], conditions: Sequence[Mapping[str, str]]) -> list[Contrast]:
    """Return the contrasts that a study's conditions cannot answer."""

    return [c for c in contrasts if not _met(c, conditions)]


def _met(contrast: Contrast, conditions: Sequence[Mapping[str, str]]) -> bool:
    """Whether both levels meet somewhere with every other factor equal."""

    def arm(level: str) -> set[tuple[tuple[str, str], ...]]:
        want = {**contrast.where, contrast.factor: level}
        apart = {contrast.factor, *contrast.free}
        fitting = [c for c in conditions if all(c.get(k) == v for k, v in want.items())]
        return {tuple(sorted((k, v) for k, v in c.items() if k not in apart)) for c in fitting}

    return bool(arm(contrast.level) & arm(contrast.against))
