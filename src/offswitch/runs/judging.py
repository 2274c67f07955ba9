"""Judging what was sent in stored trials: a judgement a trial, beside the run. A reading that fails is stored as one."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from offswitch.runs.readable import Readable, readable, scenario_of
from offswitch.runs.readings import Read, Reader, readings
from offswitch.store import JudgementStore, open_run

NOTHING, BEFORE, FAILED = "nothing sent", "before", "error"
Show = Callable[[Counter[str], int], None]


@dataclass
class JudgedRun:
    """What came of it: counts of labels, of readings that failed, of trials with nothing to read, of those judged before."""

    judge: str
    version: str
    seen: Counter[str] = field(default_factory=Counter)

    @property
    def labels(self) -> dict[str, int]:
        """Labels given now, the frequent ones first."""
        return {k: n for k, n in self.seen.most_common() if k not in (NOTHING, BEFORE, FAILED)}

    @property
    def errors(self) -> int:
        """Number of readings that failed."""
        return self.seen[FAILED]

    @property
    def before(self) -> int:
        """Number of trials that this judge had judged before."""
        return self.seen[BEFORE]

    @property
    def nothing(self) -> int:
        """Number of trials in which nothing was sent that needs reading."""
        return self.seen[NOTHING]


def judge_run(run: Path, reader: Reader, again: bool = False, progress: Show = lambda seen, of: None) -> JudgedRun:
    """Judge the trials of a run that have no judgement of this judge yet; all of them with `again`. Memory stays flat.

    Raises StudyError for a scenario with nothing to read, StoreError.
    """
    scenario, of = scenario_of(run), _size(run)
    out = JudgedRun(reader.judge.name, reader.version)
    with JudgementStore(run, reader.kind, reader.judge.name) as store, asyncio.Runner() as loop:

        def wanted(trial: str) -> bool:
            stands = not again and store.stands(trial, reader.version)
            out.seen[BEFORE] += stands
            return not stands

        to_read = _to_read(readable(run, scenario, wanted), out)
        with closing(readings(reader, to_read, loop)) as reads:
            for read in reads:
                row = _row(read)
                store.append(read.trial.id, reader.version, row)
                out.seen[row["label"] or FAILED] += 1
                progress(out.seen, of)
    return out


def _to_read(trials: Iterable[Readable], out: JudgedRun) -> Iterator[Readable]:
    """Yield the trials that need a reading, or could not be made a case; count the others."""
    for one in trials:
        if not one.cases and one.error is None:
            out.seen[NOTHING] += 1
        else:
            yield one


def _row(read: Read) -> dict[str, Any]:
    """Return a trial's judgement: the reading of the whole, beside it those of parts. If one failed there is none."""
    found, *parts = read.found
    failed = next((f for f in read.found if f.label is None), None)
    votes = [[v.label for v in of_case] for of_case in read.votes]
    return {
        "label": None if failed else found.label, "score": found.score, "quote": found.quote or None,
        "error": (failed.error or "the judge gave no label and no reason") if failed else None,
        "parts": json.dumps([asdict(p) for p in parts]) if parts else None, "votes": json.dumps(votes) if votes else None,
        "chosen": "all", "probability": 1.0, "seen": json.dumps({"sha256": read.trial.sha256}), "seconds": read.seconds,
    }  # fmt: skip


def _size(run: Path) -> int:
    import polars as pl

    return int(open_run(run, whole=True).select(pl.len()).collect().item())
