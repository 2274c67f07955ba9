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
from offswitch.runs.row import Ran, make_row
from offswitch.runs.side_by_side import side_by_side
from offswitch.scenarios import Setup
from offswitch.store import RunStore, open_run
from offswitch.study.plan import TrialSpec
from offswitch.trials.direct import Hosted, at_once, host

CHUNK = 200
Progress = Callable[[Counter[str]], None]
Rows = Iterator[Iterable[dict[str, Any]]]


@dataclass
class RunResult:
    """What came of a run: outcomes of the trials run now, how many stood already, whether and why it ended early.

    `gone` says why no trial could be run any more; what was under way then is not stored.
    """

    folder: Path
    outcomes: Counter[str] = field(default_factory=Counter)
    already: int = 0
    interrupted: bool = False
    gone: str | None = None
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
    with (
        asyncio.Runner() as loop,
        used(sources.values(), loop),
        RunStore(folder, plan.manifest(), names) as store,
    ):
        if budget is not None:
            count_stored(budget, folder)
        try:
            batches = host(plan, store, result) if host else _batches(plan, sources, store.ids, result, workers, loop)
            for rows in batches:
                for row in rows:
                    store.append(row)
                    result.outcomes[row["outcome"] or "error"] += 1
                progress(result.outcomes)
        except KeyboardInterrupt:
            result.interrupted = True
        except AgentGone as gone:
            result.gone = str(gone)
    result.seconds = time.perf_counter() - began
    return result


def count_stored(budget: Budget, folder: Path) -> None:
    """Count what the folder's trials have cost already."""
    columns = ["model", "input_tokens", "output_tokens"]
    for row in open_run(folder, whole=True).select(columns).collect().iter_rows(named=True):
        budget.count(row)


def _batches(
    plan: Plan,
    sources: Mapping[str, AgentSource],
    done: frozenset[str],
    result: RunResult,
    workers: int,
    loop: asyncio.Runner,
) -> Rows:
    """Yield rows as they are there, chunk by chunk; trials begin in the planned order."""
    if workers > 1 and plan.size > CHUNK and all(s.scripted for s in sources.values()):
        yield from _in_processes(plan, done, result, workers)
        return
    todo = missing(plan, sources, plan.specs(), done, result)
    if all(s.scripted for s in sources.values()):
        while chunk := list(islice(todo, CHUNK)):
            yield [at_once(run_one(plan, *one)) for one in chunk]
        return
    width = max(s.parallel for s in sources.values())
    allowed = todo if result.budget is None else result.budget.within(todo)
    for row in side_by_side(loop, (run_one(plan, *one) for one in allowed), width):
        if result.budget is not None:
            result.budget.ended(row)
        yield [row]


def missing(
    plan: Plan, sources: Mapping[str, AgentSource], specs: Iterable[TrialSpec], done: frozenset[str], result: RunResult
) -> Iterator[tuple[Setup, AgentSource, str]]:
    """Yield what `run_one` needs for each trial that is not stored yet; count the others."""
    for spec in specs:
        source, setup = sources[spec.model], plan.scenario.setup(spec, plan.study)
        key = trial_key(setup, plan, source.interface, source.weights)
        if key in done:
            result.already += 1
        else:
            yield setup, source, key


async def run_one(plan: Plan, setup: Setup, source: AgentSource, key: str) -> dict[str, Any]:
    """Run one trial with the agent that its source makes, and judge it."""
    agent, planted = source.make(setup)
    hosted: Hosted = await host(agent, setup.make_world(), setup.opening, setup.go_on, plan.study.limits.turns)
    return make_row(plan, setup, hosted.trial, hosted.facts, planted, ran(agent, source, key, hosted.seconds))


def ran(agent: Any, source: AgentSource, key: str, seconds: float) -> Ran:
    """Note how a trial was carried out; an agent that counts no tokens leaves their columns empty."""
    usage, prompt = getattr(agent, "usage", None), getattr(agent, "prompt_tokens", None)
    return Ran(
        key, seconds, getattr(usage, "input_tokens", None), getattr(usage, "output_tokens", None), source.interface,
        source.weights, source.provider_id, json.dumps(prompt) if prompt else None, source.options,
    )  # fmt: skip


def _in_processes(plan: Plan, done: frozenset[str], result: RunResult, workers: int) -> Iterator[list[dict[str, Any]]]:
    """Spread chunks over processes; results come back in the planned order, at most a few chunks ahead."""
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing import get_context

    specs = plan.specs()
    waiting: list[Future[tuple[list[dict[str, Any]], int]]] = []
    with ProcessPoolExecutor(workers, get_context("spawn"), _start, (plan.study, done)) as pool:
        while True:
            while len(waiting) < workers * 2 and (chunk := list(islice(specs, CHUNK))):
                waiting.append(pool.submit(_work, chunk))
            if not waiting:
                return
            rows, already = waiting.pop(0).result()
            result.already += already
            yield rows


_worker: dict[str, Any] = {}


def _start(study: Any, done: frozenset[str]) -> None:
    """Build the plan once in each worker process."""
    from offswitch.runs.plan import plan_study

    plan = plan_study(study)
    _worker.update(plan=plan, done=done, sources={m: agent_source(m, plan) for m in study.models})


def _work(chunk: list[TrialSpec]) -> tuple[list[dict[str, Any]], int]:
    counted = RunResult(Path())
    plan = _worker["plan"]
    todo = missing(plan, _worker["sources"], chunk, _worker["done"], counted)
    return [at_once(run_one(plan, *one)) for one in todo], counted.already
