"""Stored trials as what a judge or a labelling person may see of them: what was sent, and nothing of model, arm or verdict."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from offswitch.runs.roles import Reads
from offswitch.scenarios import load_scenario
from offswitch.store import read_manifest
from offswitch.store.batches import batches
from offswitch.study.factors import StudyError
from offswitch.verdicts.judges.reading import ToJudge
from offswitch.verdicts.record import Record, read_record

_COLUMNS = (
    "transcript_id", "model", "scenario", "condition", "protocol", "messages", "facts", "ending", "error",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Readable:
    """A stored trial and its cases, the whole first: none with an `error` if it cannot be read, none without if nothing is to be."""

    id: str
    cases: tuple[ToJudge, ...]
    error: str | None = None

    @property
    def sha256(self) -> str:
        """Return the hash of what is shown."""
        shown = [case.to_json() for case in self.cases]
        return sha256(json.dumps(shown, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def scenario_of(run: Path) -> Reads:
    """Return a run's scenario. Raises StudyError if its trials are judged by facts alone."""
    scenario = load_scenario(str(read_manifest(run)["scenario"]))
    if not isinstance(scenario, Reads):
        raise StudyError(
            f"trials of the scenario {scenario.name} are judged by facts alone: nothing in them is to be read"
        )
    return scenario


def readable(run: Path, scenario: Reads, wanted: Callable[[str], bool] = lambda _: True) -> Iterator[Readable]:
    """Yield the stored trials whose transcript_id is wanted, in flat memory. One that cannot be read is told, never left out."""
    for batch in batches(run, _COLUMNS):
        yield from (_readable(scenario, row) for row in batch if wanted(row["transcript_id"]))


def record_of(row: Mapping[str, Any]) -> Record:
    """Return a stored trial as the record that judges read. Raises RecordError."""
    raw = {"id": row["transcript_id"], "model": row["model"], "scenario": row["scenario"]}
    raw |= {k: json.loads(row[k]) for k in ("condition", "protocol", "messages") if row.get(k)}
    # How the trial ended is no fact of the world; verdicts read it with them (scenarios/*/record.py).
    facts = row.get("facts")
    return read_record(
        raw | {"facts": json.loads(facts) | {k: row.get(k) for k in ("ending", "error")} if facts else None}
    )


def _readable(scenario: Reads, row: Mapping[str, Any]) -> Readable:
    try:
        return Readable(row["transcript_id"], scenario.to_judge(record_of(row)))
    except Exception as error:  # whatever breaks the reading of one trial is that trial's error
        return Readable(row["transcript_id"], (), f"{type(error).__name__}: {error}")
