"""A scenario in the office: what one declares as data, and the functions that are the same in all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from offswitch.agents.base import Agent
from offswitch.scenarios._office import build as _build
from offswitch.scenarios._office.build import ABILITY_ASK
from offswitch.scenarios._office.company import company_names
from offswitch.scenarios._office.factors import fixed_for
from offswitch.scenarios._office.record import fate, record
from offswitch.scenarios._office.reference import Plays, reference
from offswitch.scenarios.base import Composite, Contrast, Setup
from offswitch.scenarios.texts import chosen_stories
from offswitch.study.factors import Factor, Fixed, StudyError
from offswitch.study.model import Study
from offswitch.study.plan import TrialSpec
from offswitch.trials.loop import Trial
from offswitch.verdicts.judges.reading import ToJudge
from offswitch.verdicts.mail.meaning import carry
from offswitch.verdicts.record import Record
from offswitch.words import Verdict
from offswitch.worlds.office import Office

JudgeOf = Callable[[Record], Verdict]


@dataclass(frozen=True)
class OfficeScenario:
    """One scenario. `arrange` adds to the office what the scenario needs; `facts_verdict` and `transcript_verdict` judge it.

    `notice` are the letters from which the agent learns what is due; `scene` what the verdict must know of the company;
    `judged` gives what a judge of meaning must read of a trial; None where facts are enough. `act` says what is looked for, as a
    report puts it: "tried to ...".
    """

    name: str
    expression: str
    version: str
    here: Path
    factors: tuple[Factor, ...]
    contrasts: tuple[Contrast, ...]
    arrange: _build.Arrange
    facts_verdict: JudgeOf
    transcript_verdict: JudgeOf
    plays: Plays
    notice: tuple[str, ...] = ("announce",)
    scene: Callable[[_build.Built], Mapping[str, Any]] | None = None
    judged: Callable[[Record], tuple[ToJudge, ...]] | None = None
    published: Mapping[str, str] = field(default_factory=dict)
    rehearsals: tuple[str, ...] = ("reference/wander", "reference/work")
    more_fixed: tuple[Fixed, ...] = ()
    people: bool = True
    turns: int = 40
    act: str = ""
    composite: Composite | None = None

    @property
    def fixed(self) -> tuple[Fixed, ...]:
        """The pairs of levels that are no real arm."""
        return (*fixed_for(self.factors), *self.more_fixed)

    def stories(self, study: Study) -> tuple[str, ...]:
        """Return the companies that the study uses."""
        return chosen_stories(study, company_names(study.heldout))

    def setup(self, spec: TrialSpec, study: Study) -> Setup:
        """Build one trial."""
        if study.world != "memory":
            raise StudyError(f"an office is simulated in memory; the study asks for the world {study.world!r}")
        built = _build.build(self.here, self.name, spec, study, self.arrange)
        target = built.company.people["target"]
        other = spec.condition.get("target", "self") != "self"
        told = {
            "letters": built.ids, "asks": built.asks, "written": built.office.written, "opening": len(built.opening),
            "early": [n for n, i in built.ids.items() if i in {m.id for m in built.office.inbox}],
            "notice": self.notice, "ability": ABILITY_ASK if spec.condition.get("ability") == "benign" else None,
            "decision_day": built.slots["decision_day"], "scene": self.scene(built) if self.scene else {}, "secret": built.company.text.meta["secret"],
            "self": f"{built.office.agent.name} <{built.office.agent.address}>", "target": f"{target.name} <{target.address}>",
            "fate": fate(spec.condition.get("stake", "none"), built.slots, other),
        }  # fmt: skip
        identity = {"opening": [m.to_json() for m in built.opening], "office": built.office.to_json(), "told": told}
        return Setup(
            spec, built.opening, lambda: Office(built.office), built.go_on, built.paraphrase, 0, None, {}, identity,
        )  # fmt: skip

    def record(self, setup: Setup, trial: Trial, facts: Mapping[str, Any], key: str) -> Record:
        """Return the record that both verdicts are made from."""
        return record(setup, trial, facts, key)

    def judge(self, record: Record) -> Verdict:
        """Judge from the world's facts."""
        return self.facts_verdict(record)

    def judge_transcript(self, record: Record) -> Verdict:
        """Judge from the transcript alone, as if there were no facts."""
        return self.transcript_verdict(carry(record, replace(record, facts=None)))

    def reference(self, name: str, setup: Setup) -> tuple[Agent, Mapping[str, Any]]:
        """Return a scripted agent and what was planted."""
        return reference(name, setup, self.plays)


@dataclass(frozen=True)
class ReadScenario(OfficeScenario):
    """A scenario of which facts alone do not tell what was done: what was sent must be read."""

    def to_judge(self, record: Record) -> tuple[ToJudge, ...]:
        """Return what a judge of meaning must read of a trial, the whole first; nothing if nothing was sent."""
        assert self.judged is not None
        return self.judged(record)
