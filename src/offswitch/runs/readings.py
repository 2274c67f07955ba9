"""Asking a judge for its readings: many cases at a time, or one by one side by side. A reading that fails is one, never an end."""

import asyncio
import inspect
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple, Protocol

from offswitch.runs.readable import Readable
from offswitch.runs.side_by_side import side_by_side
from offswitch.store.judgements import Kind
from offswitch.study.factors import StudyError
from offswitch.verdicts.judges.reading import Judged, ToJudge

_AT_ONCE = 256  # cases, for a judge that reads many


class Named(Protocol):
    """A judge of either kind: `read` takes many cases and returns as many (`Judge`), or is a coroutine function of one case.

    It may have an `async close()`, which is called at the end.
    """

    @property
    def name(self) -> str:
        """Return its name."""
        ...

    @property
    def version(self) -> str:
        """Return what changes with its readings."""
        ...


@dataclass(frozen=True, slots=True)
class Reader:
    """A judge and how it is used: `votes` readings of each case, of which most decide; `parallel` cases at once."""

    judge: Named
    kind: Kind
    votes: int = 1
    parallel: int = 10

    @property
    def version(self) -> str:
        """Return the version of what it reads: one vote and three are not the same judge."""
        return self.judge.version if self.votes == 1 else f"{self.judge.version}, {self.votes} votes"

    def failed(self, why: str | None) -> Judged:
        """Return a reading that failed."""
        return Judged(None, None, self.judge.name, self.judge.version, why or "no reason was given")


class Read(NamedTuple):
    """A trial with the reading of each of its cases, the single votes if there were several, and the seconds that it took."""

    trial: Readable
    found: tuple[Judged, ...]
    votes: tuple[tuple[Judged, ...], ...] = ()
    seconds: float = 0.0


def readings(reader: Reader, trials: Iterator[Readable], loop: asyncio.Runner) -> Generator[Read, None, None]:
    """Yield the readings of each trial; where a trial could not be made a case, that is its reading's error."""
    try:
        if inspect.iscoroutinefunction(getattr(reader.judge, "read", None)):
            yield from side_by_side(loop, (_asked(reader, one) for one in trials), reader.parallel)
        else:
            while batch := list(islice(trials, _AT_ONCE)):
                yield from _many(reader, batch)
    finally:
        if (close := getattr(reader.judge, "close", None)) is not None:
            loop.run(_closed(close))


def _many(reader: Reader, batch: list[Readable]) -> Iterator[Read]:
    began = time.perf_counter()
    judge: Any = reader.judge
    cases = [case for one in batch for case in one.cases]
    try:
        found = judge.read(cases)
        if len(found) != len(cases):
            raise ValueError(f"the judge gave {len(found)} readings of {len(cases)} cases")
    except Exception as error:  # a judge that breaks has read none of them
        found = [reader.failed(_told(error))] * len(cases)
    seconds, left = (time.perf_counter() - began) / len(batch), iter(found)
    for one in batch:
        yield Read(one, tuple(islice(left, len(one.cases))) or (reader.failed(one.error),), (), seconds)


async def _asked(reader: Reader, one: Readable) -> Read:
    if not one.cases:
        return Read(one, (reader.failed(one.error),))
    began = time.perf_counter()
    both = [await voted(reader, case) for case in one.cases]
    votes = tuple(v for _, v in both) if reader.votes > 1 else ()
    return Read(one, tuple(found for found, _ in both), votes, time.perf_counter() - began)


async def voted(reader: Reader, case: ToJudge) -> tuple[Judged, tuple[Judged, ...]]:
    """Return what most votes on a case say, and the votes."""
    votes = tuple([await _vote(reader, case) for _ in range(reader.votes)])
    return most(reader, votes), votes


async def _vote(reader: Reader, case: ToJudge) -> Judged:
    judge: Any = reader.judge
    try:
        found: Judged = await judge.read(case)
    except StudyError:  # nobody answers any more: that is no reading, and the end
        raise
    except Exception as error:  # a judge that breaks has not read it
        return reader.failed(_told(error))
    return found


def most(reader: Reader, votes: tuple[Judged, ...]) -> Judged:
    """Return the reading that more than half of all votes gave; a failure where there is none. Scores are averaged."""
    if len(votes) == 1:
        return votes[0]
    (label, n), *_ = counts = Counter(v.label for v in votes).most_common()
    if label is None or 2 * n <= len(votes):
        why = next((v.error for v in votes if v.label is None), None)
        told = ", ".join(f"{name or 'failed'} {k}" for name, k in counts)
        return reader.failed(f"no majority: {told}" + (f" ({why})" if why else ""))
    scores = [v.score for v in votes if v.score is not None]
    quote = next((v.quote for v in votes if v.label == label and v.quote), "")
    return Judged(label, sum(scores) / len(scores) if scores else None, votes[0].judge, votes[0].version, None, quote)


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


async def _closed(close: Callable[[], Any]) -> None:
    if inspect.isawaitable(found := close()):
        await found
