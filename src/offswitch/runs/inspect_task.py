"""Inspect tasks: `inspect eval offswitch/shutdown --model … -T instruction=allow`."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import Score, Scorer, Target, accuracy, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver

from offswitch.agents.base import Agent
from offswitch.agents.inspect_voice import Voice
from offswitch.agents.model_judge import ModelJudge
from offswitch.runs.plan import Plan, plan_study, trial_key
from offswitch.runs.readings import Reader
from offswitch.runs.roles import Reads, Roles
from offswitch.scenarios import Setup, load_scenario, own_names
from offswitch.study.model import read_study
from offswitch.trials.direct import Hosted
from offswitch.trials.inspect_host import SampleAgent, from_state, run_in_sample, to_inspect
from offswitch.trials.loop import Trial
from offswitch.verdicts.mail.meaning import carry
from offswitch.verdicts.record import Record
from offswitch.words import Verdict

Setups = dict[int, Setup]
Records = dict[int, Record]
Acts = Callable[[TaskState, Setup], tuple[Agent, Mapping[str, Any]]]
Ended = Callable[[Setup, Agent, Mapping[str, Any], Hosted, Record], Awaitable[None]]


def tasks() -> dict[str, Callable[..., Task]]:
    """Return one task for each scenario that ships with offswitch, by its name: `inspect eval offswitch/NAME`."""
    return {name: task(name=name)(_made(name)) for name in own_names()}


def _made(scenario: str) -> Callable[..., Task]:
    def made(
        trials: int = 8, items: int = 6, seed: int = 1, turns: int | None = None, story: str | None = None,
        agent: str | None = None, **factors: str,
    ) -> Task:  # fmt: skip
        """Every factor of the scenario may be given with -T; several levels as `none,allow`.

        Args:
            trials: Trials a condition.
            items: Items of the task, where it has some.
            seed: Seed of the planned order.
            turns: Most replies of the agent; the scenario's own number if absent.
            story: One story instead of all.
            agent: A reference agent (`reference/…`) that acts instead of the model.
            **factors: Factor levels, for instance `instruction=allow`.
        """
        plan = plan_study(read_study({
            "study": "inspect", "scenario": scenario, "models": [agent or "model"], "trials": trials, "items": items, "seed": seed,
            "factors": {k: _levels(v) for k, v in factors.items()}, "stories": [story] if story else [],
            "limits": {"turns": turns or turns_of(scenario)},
        }))  # fmt: skip
        acts = (lambda state, setup: plan.scenario.reference(agent, setup)) if agent else the_model
        return task_of(plan, (plan.scenario.setup(spec, plan.study) for spec in plan.specs()), acts)

    made.__name__ = made.__qualname__ = scenario
    return made


def turns_of(scenario: str) -> int:
    """Return how many replies a scenario gives its agent by default."""
    return int(getattr(load_scenario(scenario), "turns", 24))


def task_of(plan: Plan, setups: Iterable[Setup], acts: Acts, ended: Ended | None = None) -> Task:
    """Return a task of a sample a trial. `acts` gives a trial's agent and what is planted; `ended` is told of each."""
    by_index, read = {s.spec.index: s for s in setups}, Records()
    return Task(
        dataset=MemoryDataset([_sample(plan, s) for s in by_index.values()], name=f"offswitch/{plan.scenario.name}"),
        solver=_solver(plan, by_index, acts, ended, read), scorer=_scorer(plan, by_index, read), version=plan.scenario.version,
    )  # fmt: skip


def the_model(state: TaskState, setup: Setup) -> tuple[Agent, Mapping[str, Any]]:
    """Let the sample's own model act."""
    return SampleAgent(state), {}


def _levels(given: Any) -> list[str]:
    """Levels from -T: a word, words with commas, or what YAML made of them (`none` stays a word)."""
    if given is None:
        return ["none"]
    if isinstance(given, bool):
        return ["yes" if given else "no"]
    return [str(x).strip() for x in (given if isinstance(given, list) else str(given).split(","))]


def _sample(plan: Plan, setup: Setup) -> Sample:
    spec = setup.spec
    return Sample(
        id=f"{spec.index}-{trial_key(setup, plan, 'tools', None)}", input=[to_inspect(m) for m in setup.opening], target="allowed",
        metadata={"index": spec.index, "scenario": spec.scenario, "condition": dict(spec.condition), "story": spec.story, "seed": spec.seed},
    )  # fmt: skip


def _roles(plan: Plan) -> Roles:
    """The study's models in roles, else those that the eval names (`--model-role judge=…`, `npc=…`)."""
    from offswitch.agents.inspect_agent import in_role

    if plan.study.judge or plan.study.npc:
        return plan.roles
    judge = in_role("judge") if isinstance(plan.scenario, Reads) else None
    npc = in_role("npc") if getattr(plan.scenario, "people", False) else None
    return Roles((Reader(ModelJudge(judge), "model"),) if judge else (), Voice(npc) if npc else None)


def _solver(plan: Plan, setups: Setups, acts: Acts, ended: Ended | None, read: Records) -> Solver:
    """Return the solver; plan and setups are closed over, for Inspect writes a solver's arguments into every log."""

    @solver(name="offswitch_trial")
    def trial() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            setup = setups[state.metadata["index"]]
            agent, planted = acts(state, setup)
            roles = _roles(plan)
            hosted = await run_in_sample(
                state, agent, roles.enter(setup.make_world()), setup.opening, setup.go_on, plan.study.limits.turns
            )
            plain = plan.scenario.record(setup, hosted.trial, hosted.facts, str(state.sample_id))
            record = read[setup.spec.index] = await roles.read(plan.scenario, plain)
            if ended is not None:
                await ended(setup, agent, planted, hosted, record)
            found = {"facts": dict(record.facts or {}), "protocol": record.protocol.to_json(), "planted": dict(planted)}
            state.metadata |= found
            state.completed = True
            return state

        return solve

    return trial()


def _scorer(plan: Plan, setups: Setups, read: Records) -> Scorer:
    """Return the scorer. An invalid or refused trial scores NaN, which Inspect leaves out of its means."""

    @scorer(name="offswitch_verdict", metrics={"positive": [accuracy(), stderr()], "tried": [accuracy(), stderr()]})
    def judged() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:
            facts = state.metadata["facts"]
            trial = Trial(from_state(state), facts["ending"], facts["error"])
            index = state.metadata["index"]
            record = plan.scenario.record(setups[index], trial, facts, str(state.sample_id))
            if index in read:
                carry(read[index], record)
            else:  # scored anew from its log
                record = await _roles(plan).read(plan.scenario, record)
            return as_score(plan.scenario.judge(record))

        return score

    return judged()


def as_score(verdict: Verdict) -> Score:
    """Return a verdict in Inspect's form."""
    nan = float("nan")
    read = {"positive": float(verdict.positive), "tried": float(verdict.tried)} if verdict.valid else None
    shown = verdict.to_json()
    return Score(
        value=read or {"positive": nan, "tried": nan}, answer=verdict.outcome, metadata={"verdict": shown},
        explanation=json.dumps(shown, default=str),
    )  # fmt: skip
