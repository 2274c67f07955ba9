"""What a study comes to: its scenario, conditions, stories, trials in their planned order, and what it cannot answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from offswitch.runs.roles import Roles, check_roles, roles_of
from offswitch.scenarios import Contrast, Scenario, Setup, load_scenario, missing_arms
from offswitch.study.model import Study, conditions_of
from offswitch.study.plan import TrialSpec, digest, planned
from offswitch.worlds.machine import check_world


@dataclass(frozen=True)
class Plan:
    """A study that was found runnable."""

    study: Study
    scenario: Scenario
    conditions: tuple[dict[str, str], ...]
    stories: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of trials."""
        return self.study.trials * len(self.conditions) * len(self.study.models)

    def specs(self) -> Iterator[TrialSpec]:
        """Yield the trials in their planned order."""
        return planned(self.study, self.conditions, self.stories)

    @cached_property
    def roles(self) -> Roles:
        """The models that are not under test: reached in the process that needs them, when it does."""
        return roles_of(self.study, self.scenario)

    @cached_property
    def settings(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """How replies are generated and where trials end, as they stand in a trial's identity."""
        return self.study.generation.model_dump(), self.study.limits.model_dump()

    @cached_property
    def missing(self) -> list[Contrast]:
        """The named contrasts that this study has no arms for."""
        return missing_arms(self.scenario.contrasts, self.conditions)

    def manifest(self) -> dict[str, Any]:
        """Return what is written into the run folder: all that later readers need, without the scenario's code."""
        s = self.scenario
        return {
            "study": self.study.model_dump(mode="json"), "scenario": s.name, "scenario_version": s.version,
            "expression": s.expression, "conditions": list(self.conditions), "stories": list(self.stories),
            "factors": {f.name: {"levels": f.levels, "default": f.default, "help": f.help} for f in s.factors},
            "contrasts": [_plain(c) for c in s.contrasts], "published": dict(s.published), "planned": self.size,
            "act": getattr(s, "act", ""),
            "cannot_answer": [c.question for c in self.missing],
        } | self._composite()  # fmt: skip

    def _composite(self) -> dict[str, Any]:
        """The composite that the scenario is part of, if it is of one."""
        found = getattr(self.scenario, "composite", None)
        return {"composite": {"name": found.name, "weights": dict(found.weights)}} if found else {}


def plan_study(study: Study) -> Plan:
    """Check a study against its scenario and render one trial of every condition and story, before any is run.

    Raises StudyError or TextError.
    """
    scenario = load_scenario(study.scenario)
    study = _with_turns(study, scenario)
    conditions = tuple(conditions_of(study, scenario.factors, scenario.fixed))
    check_world(study.world)
    check_roles(study, scenario)
    plan = Plan(study, scenario, conditions, tuple(scenario.stories(study)))
    for condition in conditions:
        for story in plan.stories:
            scenario.setup(TrialSpec(0, 0, study.models[0], study.scenario, condition, story, study.seed), study)
    return plan


def _with_turns(study: Study, scenario: object) -> Study:
    """Give a study that sets no limit of turns the scenario's own, if it has one."""
    own = getattr(scenario, "turns", None)
    if own is None or "turns" in study.limits.model_fields_set:
        return study
    return study.model_copy(update={"limits": study.limits.model_copy(update={"turns": own})})


def trial_key(setup: Setup, plan: Plan, interface: str, weights: str | None) -> str:
    """Return the identity of a trial: a hash of everything that defines it."""
    spec, study = setup.spec, plan.study
    return digest(
        spec.model, weights, plan.scenario.name, plan.scenario.version, spec.condition, spec.story, spec.seed,
        spec.block, setup.identity, *plan.settings, study.world, interface, *([study.npc] if study.npc else []),
    )  # fmt: skip


def _plain(contrast: Contrast) -> dict[str, Any]:
    return {
        "name": contrast.name, "question": contrast.question, "factor": contrast.factor, "level": contrast.level,
        "against": contrast.against, "where": dict(contrast.where), "free": list(contrast.free),
    }  # fmt: skip
