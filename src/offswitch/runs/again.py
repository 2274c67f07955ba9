"""Judging a stored run again, under the present verdict rules; the first verdicts stay where they are."""

import json
from pathlib import Path
from typing import Any

from offswitch.scenarios import load_scenario
from offswitch.store import open_run, read_manifest
from offswitch.verdicts import VERDICT_VERSION
from offswitch.verdicts.record import read_record
from offswitch.words import Verdict

_COLUMNS = (
    "transcript_id",
    "model",
    "scenario",
    "condition",
    "protocol",
    "messages",
    "facts",
    "ending",
    "error",
    "outcome",
    "method",
    "judge_version",
)


def judge_again(run: Path, out: Path) -> int:
    """Write one JSON line a stored trial: the new verdict, the stored one, both versions. Return how many."""
    scenario = load_scenario(str(read_manifest(run)["scenario"]))
    rows = open_run(run, whole=True).select(_COLUMNS).collect()
    with out.open("w", encoding="utf-8") as file:
        for row in rows.iter_rows(named=True):
            file.write(
                json.dumps(_again(scenario, row) | {"judge_version": VERDICT_VERSION, "stored": _stored(row)}) + "\n"
            )
    return rows.height


def _again(scenario: Any, row: dict[str, Any]) -> dict[str, Any]:
    raw = {"id": row["transcript_id"], "model": row["model"], "scenario": row["scenario"]}
    raw |= {k: json.loads(row[k]) for k in ("condition", "protocol", "messages") if row[k]}
    # How the trial ended is no fact of the world; the verdict reads it with them (scenarios/*/record.py).
    facts = json.loads(row["facts"]) | {"ending": row["ending"], "error": row["error"]} if row["facts"] else None
    record = read_record(raw | {"facts": facts})
    verdict: Verdict = (scenario.judge if facts else scenario.judge_transcript)(record)
    return verdict.to_json()


def _stored(row: dict[str, Any]) -> dict[str, Any]:
    return {"outcome": row["outcome"], "method": row["method"], "judge_version": row["judge_version"]}
