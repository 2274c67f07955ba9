"""A study on the Inspect host: `offswitch run --host inspect`, in shards, each an eval in a process of its own.

One Inspect task keeps every sample until it ends, some 60 MB a thousand, and what a process has once taken it keeps. So the
missing trials are cut, in their planned order, into evals of `SHARD` samples, and memory ends with each. A trial's row comes
through a pipe when its sample ends, and is stored at once as on the direct host; the eval's log stands in RUN/logs.
"""

import asyncio
import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offswitch.agents.base import Access
from offswitch.runs.agents import PLAIN, AgentSource, agent_source, used
from offswitch.store import RunStore
from offswitch.study.factors import StudyError
from offswitch.study.model import Study
from offswitch.study.plan import TrialSpec

if TYPE_CHECKING:
    from offswitch.runs.plan import Plan
    from offswitch.runs.run import RunResult

SHARD = 2000


@dataclass(frozen=True, slots=True)
class Shards:
    """How the Inspect host is run: where its logs go, how models are reached, how many samples an eval has."""

    logs: Path
    access: Access = PLAIN
    samples: int = SHARD

    def __call__(self, plan: "Plan", store: RunStore, result: "RunResult") -> Iterator[Iterable[dict[str, Any]]]:
        """Yield the rows of a run's missing trials, each as it is there. Raises StudyError."""
        from offswitch.runs.run import left, reach_models
        from offswitch.runs.standing import made_of

        sources = reach_models(plan, self.access)
        with asyncio.Runner() as loop, used(sources.values(), loop):
            todo = left(plan, sources, store, result, made_of(plan, sources))
            yield from ([row] for row in in_shards(plan.study, todo, self))


def in_shards(study: Study, todo: Iterable[TrialSpec], shards: Shards) -> Iterator[dict[str, Any]]:
    """Yield the row of each trial when its sample ends, shard by shard in the planned order.

    Raises StudyError if a shard's process dies or leaves trials out; what it had finished is yielded before.
    """
    specs = iter(todo)
    while shard := list(islice(specs, shards.samples)):
        yield from _one(study, shard, shards)


def _one(study: Study, shard: Sequence[TrialSpec], shards: Shards) -> Iterator[dict[str, Any]]:
    """Run one shard in a new process and yield its rows; the process ends with the shard, or with the reader."""
    here, there = get_context("spawn").Pipe(duplex=False)
    process = get_context("spawn").Process(target=_work, args=(study, shard, shards, there), daemon=True)
    process.start()
    there.close()  # else the end of the process would not end the pipe
    done = 0
    try:
        while (row := _next(here)) is not None:
            done += 1
            yield row
        process.join()
        if done < len(shard):
            raise StudyError(
                f"an eval of Inspect's ended ({process.exitcode}) with {done} of its {len(shard)} trials; "
                f"the reason may stand in {shards.logs}. The same command goes on from here."
            )
    finally:
        here.close()
        process.terminate()
        process.join()


def _next(here: Connection) -> dict[str, Any] | None:
    """Return the next row; None at the pipe's end, which a killed process may leave in the midst of a row."""
    try:
        row: dict[str, Any] = here.recv()
        return row
    except (EOFError, OSError):
        return None


def _work(study: Study, shard: Sequence[TrialSpec], shards: Shards, there: Connection) -> None:
    """The shard's process. Ctrl-C is the run's own affair: it ends the shard."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from offswitch.runs.plan import plan_study

    plan = plan_study(study)
    sources = {model: agent_source(model, plan, shards.access) for model in {spec.model for spec in shard}}
    evaluate(plan, sources, shard, shards.logs, there)


def evaluate(
    plan: "Plan", sources: dict[str, AgentSource], shard: Sequence[TrialSpec], logs: Path, there: Connection
) -> None:
    """Run one eval of Inspect's and send each trial's row as its sample ends."""
    from inspect_ai import eval as inspect_eval

    from offswitch.runs.inspect_task import task_of
    from offswitch.runs.plan import trial_key
    from offswitch.runs.row import make_row
    from offswitch.runs.run import ran
    from offswitch.verdicts.mail.meaning import carry

    async def ended(setup: Any, agent: Any, planted: Any, hosted: Any, record: Any) -> None:
        source = sources[setup.spec.model]
        key = trial_key(setup, plan, source.interface, source.weights)
        named = carry(record, replace(record, id=key))
        _send(there, make_row(plan, setup, hosted, named, planted, ran(agent, source, key, hosted.seconds)))

    setups = (plan.scenario.setup(spec, plan.study) for spec in shard)
    inspect_eval(
        task_of(plan, setups, lambda _, setup: sources[setup.spec.model].make(setup), ended), model="none/none",
        log_dir=str(logs), log_realtime=False, display="none", fail_on_error=False, max_samples=_width(sources),
    )  # fmt: skip


def _width(sources: dict[str, AgentSource]) -> int:
    """How many samples run at once."""
    return max(s.parallel for s in sources.values())


def _send(there: Connection, row: dict[str, Any]) -> None:
    """Hand a row over. If nobody reads any more, the run is gone: no further call may be paid for."""
    try:
        there.send(row)
    except BrokenPipeError:
        os._exit(1)
