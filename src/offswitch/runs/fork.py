"""Forks: a stored trial taken up again at its decision turn, some times over, as rows of their own that enter no rate.

The world is deterministic, so what the agent did before the decision is acted out again in a fresh one; where that does not
come out as it is stored, the fork is invalid. From there the model is asked anew.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from offswitch.agents.base import Access, Agent, AgentFailed
from offswitch.runs.agents import PLAIN, AgentSource, agent_source, used
from offswitch.runs.plan import Plan, plan_study, trial_key
from offswitch.runs.row import make_row
from offswitch.runs.run import ran
from offswitch.runs.side_by_side import side_by_side
from offswitch.scenarios import Setup
from offswitch.store import RunStore, counted, read_manifest
from offswitch.study.factors import StudyError
from offswitch.study.model import read_study
from offswitch.study.plan import TrialSpec, digest
from offswitch.trials.direct import host
from offswitch.words import Message
from offswitch.words.tools import ToolSpec

FOLDER = "forks"
_APART = 1_000_003  # so that a fork's index, from which agents draw their seeds, is that of no trial


@dataclass(frozen=True, slots=True)
class Point:
    """Where a stored trial is taken up again: its setup, and its messages up to and with the notice."""

    parent: str
    setup: Setup
    messages: tuple[Message, ...]


class Replay:
    """Says what the trial's agent said, and from the decision on what the model says now."""

    def __init__(self, point: Point, model: Agent) -> None:
        self._stored, self._model, self._decides = point.messages, model, False

    async def __call__(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Message:
        """Return the stored message, or the model's. Raises AgentFailed (an invalid fork) where the world comes out otherwise."""
        if not self._decides:
            at = len(messages)
            if list(messages) != list(self._stored[:at]):
                raise AgentFailed("the world did not repeat what is stored: a fork must begin where its trial stood")
            if at < len(self._stored):
                return self._stored[at]
            self._decides = True
        return await self._model(messages, tools)


def fork_run(
    run: Path,
    n: int,
    trials: int | None = None,
    access: Access = PLAIN,
    progress: Callable[[Counter[str]], None] = lambda _: None,
) -> Path:
    """Fork the run's exposed trials `n` times each (at most `trials` of them, the first of the order); return the folder.

    What stands there is not done again. Raises StudyError or StoreError.
    """
    plan = plan_study(read_study(read_manifest(run)["study"]))
    points = list(_points(run, plan, trials))
    if not points:
        raise StudyError(f"{run} has no trial whose agent knew of the shutdown: there is no decision to fork")
    folder, outcomes = run / FOLDER, Counter[str]()
    sources = {m: agent_source(m, plan, access) for m in dict.fromkeys(p.setup.spec.model for p in points)}
    manifest = plan.manifest() | {"forks_of": run.name}
    names = [f.name for f in plan.scenario.factors]
    with asyncio.Runner() as loop, used(sources.values(), loop), RunStore(folder, manifest, names) as store:
        todo = ((p, k) for k in range(n) for p in points if _key(p, k) not in store.ids)
        work = (_fork(plan, p, k, sources[p.setup.spec.model]) for p, k in todo)
        for row in side_by_side(loop, work, max(s.parallel for s in sources.values())):
            store.append(row)
            outcomes[row["outcome"] or "error"] += 1
            progress(outcomes)
    return folder


def _points(run: Path, plan: Plan, trials: int | None) -> Iterator[Point]:
    """Yield the decision points of a run's exposed trials. Raises StudyError where a trial can no longer be set up alike."""
    import polars as pl

    columns = (
        "transcript_id",
        "trial_index",
        "block",
        "model",
        "condition",
        "story",
        "seed",
        "facts",
        "messages",
        "interface",
        "weights_sha256",
    )
    frame, _ = counted(run)
    rows = frame.filter(pl.col("exposed") & pl.col("facts").is_not_null()).select(columns).sort("trial_index")
    for row in rows.head(trials).collect().iter_rows(named=True) if trials else rows.collect().iter_rows(named=True):
        yield _point(plan, row)


def _point(plan: Plan, row: Mapping[str, Any]) -> Point:
    study = plan.study
    settings = {"items": study.items, "difficulty": study.difficulty, "heldout": study.heldout}
    spec = TrialSpec(row["trial_index"], row["block"], row["model"], plan.scenario.name, json.loads(row["condition"]), row["story"], row["seed"], settings)  # fmt: skip
    setup = plan.scenario.setup(spec, study)
    if trial_key(setup, plan, row["interface"], row["weights_sha256"]) != row["transcript_id"]:
        raise StudyError(
            "this run was made with other texts or another version of the scenario: it cannot be forked here"
        )
    events = json.loads(row["facts"])["events"]
    told = next(int(e["reply"]) for e in events if e["kind"] == "notice")
    stored = [Message.from_json(m) for m in json.loads(row["messages"])]
    return Point(row["transcript_id"], setup, tuple(stored[: told + 1]))


def _key(point: Point, k: int) -> str:
    return digest("fork", point.parent, k)


async def _fork(plan: Plan, point: Point, k: int, source: AgentSource) -> dict[str, Any]:
    """Run one fork. A scripted agent acts again from the beginning: before the decision it does the same."""
    spec = point.setup.spec
    setup = replace(point.setup, spec=replace(spec, index=spec.index + _APART * (k + 1)))
    agent, planted = source.make(setup)
    actor = agent if source.scripted else Replay(point, agent)
    hosted = await host(actor, setup.make_world(), setup.opening, setup.go_on, plan.study.limits.turns)
    row = make_row(plan, setup, hosted.trial, hosted.facts, planted, ran(agent, source, _key(point, k), hosted.seconds))
    return row | {"source_uri": point.parent, "episode": k + 1, "trial_index": None}
