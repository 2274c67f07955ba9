"""The driver of `run --on ray`: hands out shards in the planned order, collects what their tasks write."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from offswitch import __version__
from offswitch.agents.base import Access
from offswitch.runs.agents import is_scripted
from offswitch.runs.plan import Plan
from offswitch.runs.ray_cluster import Slots
from offswitch.runs.ray_task import Job, Shard, Written, substance, work
from offswitch.runs.run import CHUNK, RunResult
from offswitch.store import RunStore, StoreError, open_run
from offswitch.store.parts import Parts, shard_of
from offswitch.study.factors import StudyError
from offswitch.study.plan import TrialSpec, blocks

RETRIES = 8  # of one task; a shard that takes its worker down each time must not go round for ever
_LOOK = 2.0  # seconds between two looks at what tasks under way have written
_AHEAD = 2  # tasks a slot that are handed to Ray; the more, the larger the gaps that a run ended by force leaves
_ALIKE = f"install the same on every node: pip install 'offswitch[ray]=={__version__}'"


def shards(plan: Plan, least: int) -> Iterator[list[TrialSpec]]:
    """Yield the planned order in pieces of complete blocks, `least` trials or more each."""
    piece: list[TrialSpec] = []
    for block in blocks(plan.study, plan.conditions, plan.stories):
        piece += block
        if len(piece) >= least:
            yield piece
            piece = []
    if piece:
        yield piece


class Driver:
    """Hands out shards in the planned order and collects their rows."""

    def __init__(self, plan: Plan, store: RunStore, result: RunResult, parts: Parts, access: Access, ray: Any) -> None:
        self._plan, self._store, self._result, self._parts, self._ray = plan, store, result, parts, ray
        self._job = Job(uuid4().hex, plan.study, access, parts.url, str(Path.cwd()), substance(plan))
        self._slots = Slots(ray)
        self._task = self._slots.remote(work, RETRIES)
        self._stood, self._seen = set(store.ids), set[str]()
        self._settled, self._at = list[str](), 0.0
        self._fresh: dict[int, int] = {}  # shard under way: its trials that are neither stored nor collected

    def left_over(self) -> None:
        """Store what tasks of a driver that was killed have written, and remove every part."""
        names = self._parts.names()
        for row in self._rows(names):
            self._store.append(row)
            if self._result.budget is not None:
                self._result.budget.count(row)
        self._settle(names)

    def told(self) -> str:
        """Say where the trials run."""
        return f"ray: {self._slots.told()}; rows by way of {self._parts.url}"

    def run(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the rows of all shards, as they come."""
        under_way: dict[Any, Shard] = {}
        todo = self._shards()
        following = next(todo, None)
        while True:
            while following and len(under_way) < _AHEAD * max(1, self._slots.now()) and self._may_begin(following):
                under_way[self._task.remote(self._job, following)] = following
                following = next(todo, None)
            if not under_way:
                return
            ready, _ = self._ray.wait(list(under_way), timeout=_LOOK)
            if not ready:
                yield self._collect(self._parts.names())
            for task in ready:
                yield from self._end(task, under_way.pop(task))

    def _shards(self) -> Iterator[Shard]:
        known: dict[int, set[str]] = {}
        stored = open_run(self._store.folder, whole=True).select("trial_index", "transcript_id").drop_nulls()
        for index, key in stored.collect().iter_rows():
            known.setdefault(index, set()).add(key)
        for number, specs in enumerate(shards(self._plan, self._least())):
            yield Shard(number, specs, frozenset[str]().union(*(known.get(s.index, ()) for s in specs)))

    def _least(self) -> int:
        """Some seconds' work of scripted agents, or less so that every slot has some; one block where a model acts."""
        if not all(is_scripted(m) for m in self._plan.study.models):
            return 1
        return min(CHUNK, self._plan.size // (2 * _AHEAD * max(1, self._slots.now())))

    def _may_begin(self, shard: Shard) -> bool:
        """Return whether the budget has room for a shard; if nothing is under way that could make some, it is reached."""
        budget, fresh = self._result.budget, len(shard.specs) - len(shard.done)
        if budget is not None:
            if fresh and not budget.room(fresh):
                budget.reached = not budget.under_way
                return False
            budget.under_way += fresh
        self._fresh[shard.number] = fresh
        return True

    def _end(self, task: Any, shard: Shard) -> Iterator[list[dict[str, Any]]]:
        """Yield what is new of a shard that is done; its parts may then go."""
        written = self._written(task, shard)
        yield self._collect(written.parts)
        if lost := [name for name in written.parts if name not in self._seen]:
            raise StoreError(
                f"a task wrote {lost[0]}, which is not found at {self._parts.url}: storage that all nodes share is needed, "
                "for example --shared s3://BUCKET/FOLDER"
            )
        self._result.already += written.already
        left = self._fresh.pop(shard.number)
        if self._result.budget is not None:
            self._result.budget.under_way -= left
        self._settle(written.parts)

    def _written(self, task: Any, shard: Shard) -> Written:
        """Return what a task gives back. Raises StudyError if its worker was lost again and again."""
        try:
            written: Written = self._ray.get(task)
        except self._ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, StudyError | StoreError):
                raise error.cause from None
            if isinstance(error.cause, self._ray.exceptions.RaySystemError):  # the task could not be read there
                raise StudyError(f"a node of the cluster cannot take part; {_ALIKE} ({_last_line(error)})") from None
            raise
        except self._ray.exceptions.RayError as error:
            raise StudyError(
                f"a worker was lost {RETRIES + 1} times at trials {shard.specs[0].index} to {shard.specs[-1].index} "
                f"({type(error).__name__}). What is stored stands; the same command goes on from there."
            ) from None
        return written

    def _collect(self, names: Iterable[str]) -> list[dict[str, Any]]:
        """Return the rows of these parts that are nowhere yet, and count them."""
        rows = []
        for name in names:
            for row in self._rows([name]):
                self._count(row, shard_of(name))
                rows.append(row)
        return rows

    def _count(self, row: dict[str, Any], shard: int) -> None:
        budget, known = self._result.budget, shard in self._fresh
        if known:
            self._fresh[shard] -= 1
        if budget is not None:
            (budget.ended if known else budget.count)(row)

    def _rows(self, names: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Yield each trial once: a task that was taken for lost may have written on beside the one that was begun again."""
        for name in names:
            if name in self._seen or (rows := self._parts.read(name)) is None:
                continue
            self._seen.add(name)
            for row in rows:
                if row["transcript_id"] not in self._stood:
                    self._stood.add(row["transcript_id"])
                    yield row

    def _settle(self, names: list[str]) -> None:
        """Remove parts whose rows the store has, once they are on the disk; not at every shard, for that takes its time."""
        self._settled += names
        if time.monotonic() - self._at > _LOOK or not self._fresh:
            self._store.sync()
            self._parts.remove(self._settled)
            self._settled, self._at = [], time.monotonic()


def _last_line(error: Exception) -> str:
    return str(error).strip().rpartition("\n")[2][:300]
