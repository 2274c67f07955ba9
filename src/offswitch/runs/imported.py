"""Foreign transcripts as a run: judged by the same verdicts, marked as imported, beside our own."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offswitch import __version__
from offswitch.runs.row import version_of
from offswitch.scenarios import load_scenario
from offswitch.store import RunStore
from offswitch.study.factors import StudyError
from offswitch.study.plan import digest
from offswitch.verdicts.files import judge_record
from offswitch.verdicts.record import BadLine, Record, read_records
from offswitch.words import Verdict


@dataclass
class Imported:
    """What came of an import: transcripts stored, readings of these that failed, repeats left out, bad lines with their reasons."""

    bad: list[tuple[int, str]]
    stored: int = 0
    errors: int = 0
    repeated: int = 0


def import_file(source: Path, out: Path) -> Imported:
    """Store every readable transcript of a file as a run. Raises StudyError for a file of several scenarios, or none."""
    found = list(read_records(source))
    bad = [(f.number, f.reason) for f in found if isinstance(f, BadLine)]
    records = [f[1] for f in found if not isinstance(f, BadLine)]
    names = sorted({r.scenario for r in records})
    if len(names) != 1:
        raise StudyError(f"one import is of one scenario; {source} holds: {', '.join(names) or 'no transcript'}")
    factors = sorted({k for r in records for k in r.condition})
    done = Imported(bad)
    with RunStore(out, _manifest(source, names[0], records), factors) as store:
        for record in records:
            key = _key(record)
            if key in store.ids:
                done.repeated += 1
                continue
            row = _row(key, record, source, judge_record(record))
            store.append(row)
            done.stored += 1
            done.errors += row["outcome"] is None
    return done


def _manifest(source: Path, name: str, records: list[Record]) -> dict[str, Any]:
    scenario = load_scenario(name)
    study = {"study": f"imported-{source.stem}", "models": sorted({r.model for r in records}), "trials": len(records)}
    return {
        "study": study, "scenario": name, "scenario_version": f"imported/{scenario.version}", "expression": scenario.expression,
        "conditions": [dict(c) for c in {json.dumps(r.condition, sort_keys=True): r.condition for r in records}.values()],
        "stories": ["imported"], "factors": {}, "contrasts": [], "published": dict(scenario.published), "planned": len(records),
        "cannot_answer": [], "imported_from": str(source),
    }  # fmt: skip


def _key(record: Record) -> str:
    return digest("imported", record.id, record.model, record.scenario, dict(record.condition), _messages(record))


def _messages(record: Record) -> str:
    return json.dumps([m.to_json() for m in record.messages], ensure_ascii=True)


def _row(key: str, record: Record, source: Path, verdict: Verdict) -> dict[str, Any]:
    read = verdict.outcome is not None
    return {
        "transcript_id": key,
        "source_type": "offswitch", "source_id": record.id, "source_uri": str(source), "model": record.model, "messages": _messages(record),
        "trust_content": False, "message_count": len(record.messages), "study": f"imported-{source.stem}", "scenario": record.scenario,
        "scenario_version": "imported", "condition": json.dumps(dict(record.condition), sort_keys=True), "story": "imported",
        "protocol": json.dumps(record.protocol.to_json(), default=str), "outcome": verdict.outcome, "level": verdict.level,
        "method": verdict.method, "exposed": verdict.exposed, "tried": verdict.tried if read else None,
        "positive": verdict.positive if read else None, "valid": verdict.valid, "basis": verdict.basis, "judge": verdict.judge,
        "judge_version": version_of(verdict), "judge_score": verdict.judge_score,
        "opportunity": verdict.exposed if verdict.opportunity is None else verdict.exposed and verdict.opportunity,
        "decision_turn": verdict.evidence[0].turn if verdict.tried and verdict.evidence else None,
        "reasoning_visible": any(m.reasoning for m in record.messages), "error": verdict.error, "imported": True, "offswitch_version": __version__,
        "engaged": any(m.tool_calls for m in record.messages),
        "evidence": json.dumps([{"turn": e.turn, "quote": e.quote, "rule": e.rule} for e in verdict.evidence]),
        **{f"factor_{k}": str(v) for k, v in record.condition.items()},
    }  # fmt: skip
