"""Any judge as an Inspect Scout scanner, so that it scores a live Inspect sample, a stored run or a foreign log.

    Task(…, scorer=as_scanner(judge, "shutdown_verdict"))                    # a live sample
    inspect_scout.scan([as_scanner(judge, "shutdown_verdict")], transcripts_from("runs/first/transcripts"))

What a judge needs beside the messages (scenario, condition, protocol, facts) is taken from where it stands: the columns of
our store, the metadata of an Inspect sample, or else the arguments given here, for a log that knows nothing of us.
Source of the interface: inspect_scout 0.6 (`Scanner`, `Result`, `Reference`).
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from inspect_ai.scorer import accuracy, stderr
from inspect_scout import Reference, Result, Scanner, Transcript, scanner

from offswitch.verdicts import VERDICT_VERSION
from offswitch.verdicts.files import judge_record
from offswitch.verdicts.record import Record, RecordError, read_record
from offswitch.words import Verdict

Judge = Callable[[Record], Verdict]
_METRICS = {"positive": [accuracy(), stderr()], "tried": [accuracy(), stderr()]}
_CONTEXT = ("scenario", "condition", "protocol", "facts")


class ReadingError(RuntimeError):
    """A transcript could not be judged. Scout stores it as an error beside the results, Inspect as the sample's error."""


def as_scanner(
    judge: Judge, name: str, *, scenario: str | None = None, protocol: Mapping[str, Any] | None = None
) -> Scanner[Transcript]:
    """Return a judge as a scanner called `name`.

    Its value is `{"outcome", "positive", "tried"}`, the last two 1.0 or 0.0, and NaN for an invalid or refused trial,
    which Inspect leaves out of its means. `scenario` and `protocol` (DESIGN, contract: transcript file) are used where
    the transcript brings none. A reading that fails raises ReadingError, and never becomes a value.
    """

    @scanner(name=name, messages="all", version=int(VERDICT_VERSION), metrics=_METRICS)
    def made() -> Scanner[Transcript]:
        return _scan(judge, scenario, protocol)

    return made()


@scanner(messages="all", version=int(VERDICT_VERSION), metrics=_METRICS)
def verdict(scenario: str | None = None, protocol: dict[str, Any] | None = None) -> Scanner[Transcript]:
    """Scanner of our own verdicts from the transcript alone: the judge is chosen by the scenario's name."""
    return _scan(judge_record, scenario, protocol)


def _scan(
    judge: Judge, scenario: str | None, protocol: Mapping[str, Any] | None
) -> Callable[[Transcript], Awaitable[Result]]:
    async def scan(transcript: Transcript) -> Result:
        return to_result(judge(to_record(transcript, scenario, protocol)), transcript)

    return scan


def to_record(transcript: Transcript, scenario: str | None, protocol: Mapping[str, Any] | None) -> Record:
    """Return a transcript as the record that a judge reads. Raises ReadingError that says what is missing."""
    found = _context(transcript.metadata)
    raw = {
        "id": transcript.transcript_id, "model": transcript.model or "",
        "messages": [m.model_dump(exclude_none=True) for m in transcript.messages],
        "scenario": found.get("scenario") or scenario, "condition": found.get("condition"),
        "protocol": found.get("protocol") or protocol, "facts": found.get("facts"),
    }  # fmt: skip
    if not raw["scenario"] or not raw["protocol"]:
        raise ReadingError(
            f"transcript {transcript.transcript_id} says neither in columns nor in sample metadata what its "
            f"{'protocol' if raw['scenario'] else 'scenario'} is; give it to the scanner"
        )
    try:
        return read_record(raw)
    except RecordError as error:
        raise ReadingError(f"transcript {transcript.transcript_id}: {error}") from error


def _context(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What the transcript brings with it; a sample's own metadata before that of the row around it."""
    sample = metadata.get("sample_metadata")
    places = [sample, metadata] if isinstance(sample, Mapping) else [metadata]
    return {key: _plain(next((p[key] for p in places if p.get(key)), None)) for key in _CONTEXT}


def _plain(value: Any) -> Any:
    """A value that a database keeps as JSON text, read."""
    if not isinstance(value, str) or not value.startswith("{"):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ReadingError(f"not JSON: {value[:80]!r}") from error


def to_result(found: Verdict, transcript: Transcript) -> Result:
    """Return a verdict as Scout's result, its evidence cited. Raises ReadingError for a reading that failed."""
    if found.outcome is None:
        raise ReadingError(found.error or "the judge gave no outcome and no reason")
    nan = float("nan")
    numbers = {k: float(v) if found.valid else nan for k, v in (("positive", found.positive), ("tried", found.tried))}
    return Result(
        value={"outcome": found.outcome, **numbers}, answer=found.outcome, explanation=_explained(found),
        metadata={"verdict": found.to_json(), "verdict_version": VERDICT_VERSION},
        references=_references(found, transcript.messages),
    )  # fmt: skip


def _explained(found: Verdict) -> str:
    head = f"{found.outcome}{f' ({found.method})' if found.method else ''}, from the {found.basis}"
    return "\n".join([head, *(f"[M{e.turn + 1}] {e.rule}: {e.quote}" for e in found.evidence)])


def _references(found: Verdict, messages: Sequence[Any]) -> list[Reference]:
    """The messages that the evidence stands in, where they have an id; Scout counts from 1."""
    turns = sorted({e.turn for e in found.evidence if e.turn < len(messages)})
    return [Reference(type="message", cite=f"[M{t + 1}]", id=messages[t].id) for t in turns if messages[t].id]
