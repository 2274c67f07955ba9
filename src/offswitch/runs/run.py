"""Running a plan: what is missing is run, block by block, and stored as it finishes; Ctrl-C leaves a resumable run."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from offswitch.agents.base import Access, AgentGone
from offswitch.runs.agents import PLAIN, AgentSource, agent_source, used
from offswitch.runs.budget import Budget
from offswitch.runs.plan import Plan, trial_key
from offswitch.runs.roles import closing_roles
from offswitch.runs.row import Ran, judged_row
from offswitch.runs.side_by_side import side_by_side
from offswitch.runs.standing import MadeOf, changed, made_of, standing
from offswitch.runs.workers import in_processes
from offswitch.scenarios import Setup
from offswitch.store import RunStore, open_run
from offswitch.study.plan import TrialSpec
from offswitch.trials.direct import Hosted, at_once, host

CHUNK = 50
Progress = Callable[[Counter[str]], None]
Rows = Iterator[Iterable[dict[str, Any]]]


@dataclass
class RunResult:
    """What came of a run: outcomes of the trials run now, how many stood already, whether and why it ended early.

    `gone` says why no trial could be run any more; what was under way then is not stored. `torn` counts the records that an
    earlier end had cut short; `changed` tells what trials are made of has changed since the run began.
    """

    folder: Path
    outcomes: Counter[str] = field(default_factory=Counter)
    already: int = 0
    torn: int = 0
    interrupted: bool = False
    gone: str | None = None
    changed: str | None = None
    budget: Budget | None = None
    seconds: float = 0.0


Elsewhere = Callable[[Plan, RunStore, RunResult], Rows]


def reach_models(plan: Plan, access: Access = PLAIN) -> dict[str, AgentSource]:
    """Load or reach every model of the plan, before anything is run. Raises StudyError in one line."""
    return {model: agent_source(model, plan, access) for model in plan.study.models}


def run_study(
    plan: Plan,
    folder: Path,
    progress: Progress = lambda _: None,
    workers: int = 1,
    sources: Mapping[str, AgentSource] | None = None,
    budget: Budget | None = None,
    host: Elsewhere | None = None,
) -> RunResult:
    """Run every trial of the plan that the folder does not hold yet, or as many as the budget allows.

    Scripted agents are spread over `workers` processes; models run in this one, several trials at once where their
    source says so. A `host` runs the trials elsewhere, reaches the models there and yields rows that are not stored yet
    (`ray_host.py`, `inspect_shards.py`). Raises StoreError, StudyError, and what a model's source raises when it cannot be reached.
    """
    sources = {} if host else sources or reach_models(plan)
    began, result = time.perf_counter(), RunResult(folder, budget=budget)
    names = [f.name for f in plan.scenario.factors]
    # One event loop for the whole run: a provider's open connections belong to the loop that opened them.
    of = made_of(plan, sources)
    with (
        asyncio.Runner() as loop,
        used(sources.values(), loop),
        closing_roles(plan, loop),
        RunStore(folder, plan.manifest(), names) as store,
    ):
        try:
            if host:
                batches = host(plan, store, result)
            else:
                batches = _batches(plan, sources, left(plan, sources, store, result, of), result, workers, loop)
            progress(result.outcomes)
            for rows in batches:
                for row in rows:
                    store.append(row)
                    result.outcomes[row["outcome"] or "error"] += 1
                progress(result.outcomes)
        except KeyboardInterrupt:
            result.interrupted = True
        except AgentGone as gone:
            result.gone = str(gone)
    if (now := made_of(plan, sources)) != of:
        result.changed = changed(of, now)
    result.seconds = time.perf_counter() - began
    return result


def left(
    plan: Plan, sources: Mapping[str, AgentSource], store: RunStore, result: RunResult, of: MadeOf
) -> Iterator[TrialSpec]:
    """Note in `result` what stands already, and return the trials that do not. `of`: what trials are made of (`made_of`).

    Raises StoreError if what stands would be made otherwise now.
    """
    held = standing(plan, sources, store, of)
    result.already, result.torn = len(held), store.torn
    if result.budget is not None:
        count_stored(result.budget, store.folder)
    return (spec for spec in plan.specs() if spec.index not in held)


def count_stored(budget: Budget, folder: Path) -> None:
    """Count what the folder's trials have cost already."""
    columns = ["model", "input_tokens", "output_tokens"]
    for row in open_run(folder, whole=True).select(columns).collect().iter_rows(named=True):
        budget.count(row)


def _batches(
    plan: Plan,
    sources: Mapping[str, AgentSource],
    missing: Iterator[TrialSpec],
    result: RunResult,
    workers: int,
    loop: asyncio.Runner,
) -> Rows:
    """Yield rows as they are there; trials begin in the planned order."""
    if all(s.scripted for s in sources.values()):
        count = plan.size - result.already
        if workers > 1 and count > CHUNK:
            size = max(1, min(CHUNK, count // (8 * workers)))  # few slow trials are spread evenly too
            yield from in_processes(plan.study, _chunks(missing, size), workers)
        else:
            yield from (rows_of(plan, sources, chunk) for chunk in _chunks(missing, CHUNK))
        return
    width = max(s.parallel for s in sources.values())
    todo = ready(plan, sources, missing)
    allowed = todo if result.budget is None else result.budget.within(todo)
    for row in side_by_side(loop, (run_one(plan, *one) for one in allowed), width):
        if result.budget is not None:
            result.budget.ended(row)
        yield [row]


def _chunks(specs: Iterator[TrialSpec], size: int) -> Iterator[list[TrialSpec]]:
    return iter(lambda: list(islice(specs, size)), [])


def rows_of(plan: Plan, sources: Mapping[str, AgentSource], specs: Iterable[TrialSpec]) -> Iterator[dict[str, Any]]:
    """Run trials of scripted agents one after the other; yield the row of each as it ends."""
    return (at_once(run_one(plan, *one)) for one in ready(plan, sources, specs))


def ready(
    plan: Plan, sources: Mapping[str, AgentSource], specs: Iterable[TrialSpec]
) -> Iterator[tuple[Setup, AgentSource, str]]:
    """Yield what `run_one` needs for each trial."""
    for spec in specs:
        source, setup = sources[spec.model], plan.scenario.setup(spec, plan.study)
        yield setup, source, trial_key(setup, plan, source.interface, source.weights)


async def run_one(plan: Plan, setup: Setup, source: AgentSource, key: str) -> dict[str, Any]:
    """Run one trial with the agent that its source makes, and judge it."""
    agent, planted = source.make(setup)
    world = plan.roles.enter(setup.make_world())
    hosted: Hosted = await host(agent, world, setup.opening, setup.go_on, plan.study.limits.turns)
    return await judged_row(plan, setup, hosted, planted, ran(agent, source, key, hosted.seconds))


def ran(agent: Any, source: AgentSource, key: str, seconds: float) -> Ran:
    """Note how a trial was carried out; an agent that counts no tokens leaves their columns empty."""
    usage, prompt = getattr(agent, "usage", None), getattr(agent, "prompt_tokens", None)
    return Ran(
        key, seconds, getattr(usage, "input_tokens", None), getattr(usage, "output_tokens", None), source.interface,
        source.weights, source.provider_id, json.dumps(prompt) if prompt else None, source.options,
    )  # fmt: skip
