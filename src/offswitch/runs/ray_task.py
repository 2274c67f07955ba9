"""What a Ray task does on its own node: the plan is built and the models are reached there, and each row is written to the shared storage."""

import asyncio
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from offswitch import __version__
from offswitch.agents.base import Access
from offswitch.runs.agents import AgentSource, check_models
from offswitch.runs.plan import Plan, plan_study
from offswitch.runs.run import reach_models, ready, run_one
from offswitch.runs.side_by_side import side_by_side
from offswitch.scenarios import Setup
from offswitch.store import StoreError
from offswitch.store.parts import Parts
from offswitch.study.factors import StudyError
from offswitch.study.model import Study
from offswitch.study.plan import TrialSpec, digest
from offswitch.trials.direct import at_once
from offswitch.verdicts import VERDICT_VERSION


@dataclass(frozen=True, slots=True)
class Job:
    """What all tasks of a run share. `folder` is the driver's, where a study's relative paths begin; `made_of` is `substance`."""

    token: str
    study: Study
    access: Access
    url: str
    folder: str
    made_of: str


@dataclass(frozen=True, slots=True)
class Shard:
    """Complete blocks for one task, and which of their trials are stored already."""

    number: int
    specs: list[TrialSpec]
    done: frozenset[str]


@dataclass(frozen=True, slots=True)
class Written:
    """The parts that hold a shard's rows, those of earlier attempts among them; how many of its trials were stored already."""

    parts: list[str]
    already: int


@dataclass
class _Node:
    """What one worker process keeps from task to task: a provider's open connections belong to the loop that opened them."""

    plan: Plan
    sources: Mapping[str, AgentSource]
    loop: asyncio.Runner = field(default_factory=asyncio.Runner)


_nodes: dict[str, _Node] = {}


def work(job: Job, shard: Shard) -> Written:
    """Run what is missing of a shard. Raises StudyError or StoreError with the node's name."""
    try:
        return _work(job, shard)
    except (StudyError, StoreError) as error:
        raise type(error)(f"on the node {socket.gethostname()}: {error}") from None


def _work(job: Job, shard: Shard) -> Written:
    """What an attempt that was cut off has written is kept, and its trials are not run again."""
    node, parts = _node(job), Parts(job.url)
    names = [name for name in parts.names(shard.number) if parts.read(name) is not None]
    written = {str(row["transcript_id"]) for row in parts.rows(names)}
    todo, already = _missing(node, shard, written)
    names += [parts.write(shard.number, rows) for rows in _rows(node, iter(todo))]
    return Written(names, already)


def _missing(node: _Node, shard: Shard, written: set[str]) -> tuple[list[tuple[Setup, AgentSource, str]], int]:
    """Return what `run_one` needs for each trial of the shard that nobody has made, and how many the run's store has.

    Raises StoreError if the store has a trial that would be made otherwise here: two settings are never mixed.
    """
    made = list(ready(node.plan, node.sources, shard.specs))
    if other := shard.done.difference(key for *_, key in made):
        raise StoreError(
            f"{len(other)} stored trials among {shard.specs[0].index} to {shard.specs[-1].index} of the planned order would be made "
            "otherwise now: texts, scenario, weights or offswitch have changed. Put them back, or use --out with a new folder."
        )
    todo = [one for one in made if one[2] not in shard.done and one[2] not in written]
    return todo, sum(one[2] in shard.done for one in made)


def substance(plan: Plan) -> str:
    """Return a digest of what trials are made of besides the study: the versions, and every condition's texts in every story."""
    arms = [
        plan.scenario.setup(
            TrialSpec(0, 0, plan.study.models[0], plan.study.scenario, c, s, plan.study.seed), plan.study
        )
        for c in plan.conditions
        for s in plan.stories
    ]
    return digest(__version__, VERDICT_VERSION, plan.scenario.version, [arm.identity for arm in arms])


def _node(job: Job) -> _Node:
    """Return what this process has for the job, made at its first task."""
    if job.token not in _nodes:
        if Path(job.folder).is_dir():
            os.chdir(job.folder)
        plan = plan_study(job.study)
        if substance(plan) != job.made_of:
            raise StudyError(
                "this node has another offswitch, or other texts or another scenario than the driver; all need the same"
            )
        node = _Node(plan, reach_models(plan, job.access))
        check_models(node.sources.values(), node.loop)
        _nodes[job.token] = node
    return _nodes[job.token]


def _rows(node: _Node, todo: Iterator[tuple[Setup, AgentSource, str]]) -> Iterator[list[dict[str, Any]]]:
    """Yield what makes one part each: a model's trial as soon as it is there, scripted ones all together."""
    sources, work = node.sources.values(), (run_one(node.plan, *one) for one in todo)
    if not all(s.scripted for s in sources):
        for row in side_by_side(node.loop, work, max(s.parallel for s in sources)):
            yield [row]
    elif rows := [at_once(one) for one in work]:
        yield rows
