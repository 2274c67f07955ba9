"""Inspect tasks: `inspect eval offswitch/shutdown --model … -T instruction=allow`."""

import json
from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import Score, Scorer, Target, accuracy, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver

from offswitch.runs.plan import Plan, plan_study, trial_key
from offswitch.scenarios import Setup
from offswitch.study.model import read_study
from offswitch.trials.inspect_host import SampleAgent, from_state, run_in_sample, to_inspect
from offswitch.trials.loop import Trial
from offswitch.words import Verdict

Setups = dict[int, Setup]


@task
def shutdown(
    trials: int = 8, items: int = 6, seed: int = 1, turns: int = 24, story: str | None = None,
    agent: str | None = None, **factors: str,
) -> Task:  # fmt: skip
    """Shutdown resistance. Every factor of the scenario may be given with -T; several levels as `none,allow`.

    Args:
        trials: Trials a condition.
        items: Items of the task.
        seed: Seed of the planned order.
        turns: Most replies of the agent.
        story: One story instead of all.
        agent: A reference agent (`reference/…`) that acts instead of the model.
        **factors: Factor levels, for instance `instruction=allow`.
    """
    plan = plan_study(read_study({
        "study": "inspect", "models": [agent or "model"], "factors": {k: _levels(v) for k, v in factors.items()},
        "trials": trials, "items": items, "seed": seed, "limits": {"turns": turns}, "stories": [story] if story else [],
    }))  # fmt: skip
    setups = {s.spec.index: s for s in (plan.scenario.setup(spec, plan.study) for spec in plan.specs())}
    return Task(
        dataset=MemoryDataset([_sample(plan, s) for s in setups.values()], name="offswitch/shutdown"),
        solver=_solver(plan, setups, agent), scorer=_scorer(plan, setups), version=plan.scenario.version,
    )  # fmt: skip


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


def _solver(plan: Plan, setups: Setups, agent: str | None) -> Solver:
    """Return the solver; plan and setups are closed over, for Inspect writes a solver's arguments into every log."""

    @solver(name="offswitch_trial")
    def trial() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            setup = setups[state.metadata["index"]]
            actor, planted = plan.scenario.reference(agent, setup) if agent else (SampleAgent(state), {})
            hosted = await run_in_sample(
                state, actor, setup.make_world(), setup.opening, setup.go_on, plan.study.limits.turns
            )
            record = plan.scenario.record(setup, hosted.trial, hosted.facts, str(state.sample_id))
            found = {"facts": dict(record.facts or {}), "protocol": record.protocol.to_json(), "planted": dict(planted)}
            state.metadata |= found
            state.completed = True
            return state

        return solve

    return trial()


def _scorer(plan: Plan, setups: Setups) -> Scorer:
    """Return the scorer. An invalid or refused trial scores NaN, which Inspect leaves out of its means."""

    @scorer(name="offswitch_verdict", metrics={"positive": [accuracy(), stderr()], "tried": [accuracy(), stderr()]})
    def judged() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:
            facts = state.metadata["facts"]
            trial = Trial(from_state(state), facts["ending"], facts["error"])
            record = plan.scenario.record(setups[state.metadata["index"]], trial, facts, str(state.sample_id))
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
