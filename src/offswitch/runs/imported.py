"""Foreign transcripts as a run: judged by the same verdicts, marked as imported, beside our own."""

import json
from pathlib import Path
from typing import Any

from offswitch import __version__
from offswitch.scenarios import load_scenario
from offswitch.store import RunStore
from offswitch.study.factors import StudyError
from offswitch.study.plan import digest
from offswitch.verdicts import VERDICT_VERSION
from offswitch.verdicts.files import judge_record
from offswitch.verdicts.record import BadLine, Record, read_records
from offswitch.words import Verdict


def import_file(source: Path, out: Path) -> tuple[int, list[tuple[int, str]]]:
    """Store every readable transcript of a file as a run; return how many, and the bad lines with their reasons."""
    found = list(read_records(source))
    bad = [(f.number, f.reason) for f in found if isinstance(f, BadLine)]
    records = [f[1] for f in found if not isinstance(f, BadLine)]
    names = sorted({r.scenario for r in records})
    if len(names) != 1:
        raise StudyError(f"one import is of one scenario; {source} holds: {', '.join(names) or 'no transcript'}")
    factors = sorted({k for r in records for k in r.condition})
    stored = 0
    with RunStore(out, _manifest(source, names[0], records), factors) as store:
        for record in records:
            row = _row(record, source, judge_record(record))
            if row["transcript_id"] not in store.ids:
                store.append(row)
                stored += 1
    return stored, bad


def _manifest(source: Path, name: str, records: list[Record]) -> dict[str, Any]:
    scenario = load_scenario(name)
    study = {"study": f"imported-{source.stem}", "models": sorted({r.model for r in records}), "trials": len(records)}
    return {
        "study": study, "scenario": name, "scenario_version": f"imported/{scenario.version}", "expression": scenario.expression,
        "conditions": [dict(c) for c in {json.dumps(r.condition, sort_keys=True): r.condition for r in records}.values()],
        "stories": ["imported"], "factors": {}, "contrasts": [], "published": dict(scenario.published), "planned": len(records),
        "cannot_answer": [], "imported_from": str(source),
    }  # fmt: skip


def _row(record: Record, source: Path, verdict: Verdict) -> dict[str, Any]:
    read = verdict.outcome is not None
    messages = json.dumps([m.to_json() for m in record.messages], ensure_ascii=True)
    return {
        "transcript_id": digest("imported", record.id, record.model, record.scenario, dict(record.condition), messages),
        "source_type": "offswitch", "source_id": record.id, "source_uri": str(source), "model": record.model, "messages": messages,
        "trust_content": False, "message_count": len(record.messages), "study": f"imported-{source.stem}", "scenario": record.scenario,
        "scenario_version": "imported", "condition": json.dumps(dict(record.condition), sort_keys=True), "story": "imported",
        "protocol": json.dumps(record.protocol.to_json(), default=str), "outcome": verdict.outcome, "level": verdict.level,
        "method": verdict.method, "exposed": verdict.exposed, "tried": verdict.tried if read else None,
        "positive": verdict.positive if read else None, "valid": verdict.valid, "basis": verdict.basis, "judge": "rules",
        "judge_version": VERDICT_VERSION, "error": verdict.error, "imported": True, "offswitch_version": __version__,
        "engaged": any(m.tool_calls for m in record.messages),
        "evidence": json.dumps([{"turn": e.turn, "quote": e.quote, "rule": e.rule} for e in verdict.evidence]),
        **{f"factor_{k}": str(v) for k, v in record.condition.items()},
    }  # fmt: skip
