"""Judging a stored run again, under the present verdict rules; the first verdicts stay where they are."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from offswitch.runs.readable import record_of
from offswitch.runs.row import safely, version_of
from offswitch.scenarios import load_scenario
from offswitch.store import read_manifest
from offswitch.store.batches import batches
from offswitch.verdicts.record import Record
from offswitch.words import Verdict

_RECORD = ("transcript_id", "model", "scenario", "condition", "protocol", "messages", "facts", "ending", "error")
_STORED = ("outcome", "method", "judge", "judge_version")


def judge_again(run: Path, out: Path) -> tuple[int, int]:
    """Write one JSON line a stored trial: the new verdict, the stored one, both versions. Return how many, and how many failed."""
    scenario = load_scenario(str(read_manifest(run)["scenario"]))
    judged = failed = 0
    with out.open("w", encoding="utf-8") as file:
        for batch in batches(run, (*_RECORD, *_STORED)):
            for row in batch:
                verdict = safely(lambda row: _again(scenario, row), row, row["transcript_id"])
                stored = {key: row[key] for key in _STORED}
                line = verdict.to_json() | {"judge_version": version_of(verdict), "stored": stored}
                file.write(json.dumps(line) + "\n")
                judged, failed = judged + 1, failed + (verdict.outcome is None)
    return judged, failed


def _again(scenario: Any, row: Mapping[str, Any]) -> Verdict:
    record: Record = record_of(row)
    found: Verdict = (scenario.judge_transcript if record.facts is None else scenario.judge)(record)
    return found
