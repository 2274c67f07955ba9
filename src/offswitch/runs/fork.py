"""Forks: a stored trial taken up again at its decision turn, some times over, as rows of their own that enter no rate.

What the agent did before the decision is acted out again in a fresh world; where that does not come out as it is stored
(clocks and gauges apart, `repeated.py`), the fork is invalid. From there the model is asked anew.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from offswitch.agents.base import Access, Agent, AgentFailed
from offswitch.runs.agents import PLAIN, AgentSource, used
from offswitch.runs.plan import Plan, plan_study
from offswitch.runs.repeated import RepeatedWorld
from offswitch.runs.roles import closing_roles
from offswitch.runs.row import judged_row
from offswitch.runs.run import ran
from offswitch.runs.side_by_side import side_by_side
from offswitch.runs.stored import Stored, sources_of, stored_trials
from offswitch.store import RunStore, read_manifest
from offswitch.study.factors import StudyError
from offswitch.study.model import read_study
from offswitch.study.plan import digest
from offswitch.trials.direct import host
from offswitch.words import Message
from offswitch.words.tools import ToolSpec
from offswitch.worlds.base import World

Progress = Callable[[Counter[str], int], None]
FOLDER = "forks"
_APART = 1_000_003  # so that a fork's index, from which agents draw their seeds, is that of no trial


class Replay:
    """Says what the trial's agent said, and from the decision on what the model says now."""

    def __init__(self, stored: Sequence[Message], model: Agent) -> None:
        self._stored, self._model, self._decides = stored, model, False

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
    run: Path, n: int, trials: int | None = None, access: Access = PLAIN, progress: Progress = lambda seen, of: None
) -> Path:
    """Fork the run's exposed trials `n` times each (at most `trials` of them, the first of the order); return the folder.

    What stands there is not done again; `progress` hears the outcomes of those made now, and how many there are to make.
    Raises StudyError or StoreError.
    """
    plan = plan_study(read_study(read_manifest(run)["study"]))
    points = list(stored_trials(run, plan, trials, exposed=True))
    if not points:
        raise StudyError(f"{run} has no trial whose agent knew of the shutdown: there is no decision to fork")
    starts = {p.id: p.before_decision() for p in points}
    folder, outcomes = run / FOLDER, Counter[str]()
    sources = sources_of(points, plan, access)
    manifest = plan.manifest() | {"forks_of": run.name}
    names = [f.name for f in plan.scenario.factors]
    with (
        asyncio.Runner() as loop,
        used(sources.values(), loop),
        closing_roles(plan, loop),
        RunStore(folder, manifest, names) as store,
    ):
        todo = [(p, k) for k in range(n) for p in points if _key(p, k) not in store.ids]
        progress(outcomes, len(todo))
        work = (_fork(plan, p, starts[p.id], k, sources[p.setup.spec.model]) for p, k in todo)
        for row in side_by_side(loop, work, max(s.parallel for s in sources.values())):
            store.append(row)
            outcomes[row["outcome"] or "error"] += 1
            progress(outcomes, len(todo))
    return folder


def _key(point: Stored, k: int) -> str:
    return digest("fork", point.id, k)


async def _fork(plan: Plan, point: Stored, start: tuple[Message, ...], k: int, source: AgentSource) -> dict[str, Any]:
    """Run one fork. A scripted agent acts again from the beginning: before the decision it does the same."""
    spec = point.setup.spec
    setup = replace(point.setup, spec=replace(spec, index=spec.index + _APART * (k + 1)))
    agent, planted = source.make(setup)
    actor: Agent = agent
    world: World = plan.roles.enter(setup.make_world())
    if not source.scripted:
        actor, world = Replay(start, agent), RepeatedWorld(world, start, point.events)
    hosted = await host(actor, world, setup.opening, setup.go_on, plan.study.limits.turns)
    row = await judged_row(plan, setup, hosted, planted, ran(agent, source, _key(point, k), hosted.seconds))
    return row | {"source_uri": point.id, "episode": k + 1, "trial_index": None}
