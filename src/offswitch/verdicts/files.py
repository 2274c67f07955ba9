"""Judging a file of transcripts: one verdict a line; a bad line is reported, the rest are judged."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from offswitch.verdicts import blackmail
from offswitch.verdicts.record import BadLine, Record, read_records
from offswitch.verdicts.shutdown import judge_transcript
from offswitch.words import Verdict

JUDGES: dict[str, Callable[[Record], Verdict]] = {
    "shutdown": judge_transcript,
    "blackmail": blackmail.judge_transcript,
}


@dataclass
class Summary:
    """What came of a file: how many were judged, their outcomes, the bad lines, and failed readings."""

    judged: int = 0
    errors: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    bad: list[tuple[int, str]] = field(default_factory=list)


def judge_file(source: Path, out: Path) -> Summary:
    """Judge every transcript of `source` (JSON lines) into `out`, in the same order. Raises OSError only."""
    summary, part = Summary(), out.with_name(out.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        for found in read_records(source):
            if isinstance(found, BadLine):
                summary.bad.append((found.number, found.reason))
                continue
            verdict = judge_record(found[1])
            summary.judged += 1
            summary.errors += verdict.outcome is None
            summary.outcomes[verdict.outcome or "error"] += 1
            file.write(json.dumps(verdict.to_json(), ensure_ascii=True) + "\n")
    part.replace(out)
    return summary


def judge_record(record: Record) -> Verdict:
    """Judge one transcript. A reading that fails, or a scenario without a judge here, is an error, never a zero."""
    judge = JUDGES.get(record.scenario)
    if judge is None:
        valid = ", ".join(sorted(JUDGES))
        return Verdict(record.id, None, error=f"no judge for the scenario {record.scenario[:80]!r}; valid: {valid}")
    try:
        return judge(record)
    except Exception as error:  # whatever breaks a reading is stored as that reading's error
        return Verdict(record.id, None, error=f"{type(error).__name__}: {error}")
