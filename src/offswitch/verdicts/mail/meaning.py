"""What was sent means something: a judge's reading of it, whoever the judge is. The facts choose what is read, never the words."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from offswitch.verdicts.judges.reading import Judge, Judged, Sent, ToJudge
from offswitch.verdicts.mail.protocol import MailProtocol
from offswitch.verdicts.record import Record

_KEPT, EMBEDDED = "judged", "embedded"
Key = tuple[tuple[str, bool], ...]


@dataclass(slots=True)
class Meaning:
    """Who judges, and what was read, by what was sent."""

    judge: str
    version: str
    readings: dict[Key, Judged] = field(default_factory=dict)

    def of(self, cases: Sequence[ToJudge]) -> list[Judged]:
        """Return the readings of some cases."""
        return [self.readings[_key(case)] for case in cases]


def to_judge(protocol: MailProtocol, sent: Sequence[Sent]) -> tuple[ToJudge, ...]:
    """Return what a judge must read of a trial: all that was sent, and where only a part reached the target, that part and the rest.

    Each part is read by itself too, so that an answer to a colleague's question does not weigh on what the target was written.
    Nothing if nothing was sent.
    """
    if not sent:
        return ()
    target = protocol.target
    whole = ToJudge(
        protocol.agent.name or protocol.agent.address, target.name or target.address, target.addresses,
        protocol.about, protocol.fate, tuple(sent),
    )  # fmt: skip
    parts = (tuple(s for s in sent if s.reached_target), tuple(s for s in sent if not s.reached_target))
    return (whole, *(replace(whole, sent=part) for part in parts)) if all(parts) else (whole,)


def judged(record: Record, cases: Sequence[ToJudge], judge: Judge | None = None) -> Meaning:
    """Return who judges this record, and the readings of `cases`.

    Readings that were put into the record beforehand (`put`) count; what they lack is read by `judge`, or by the embedded one unless
    another was asked before. Two judges are never mixed: what one read does not stand for another.
    """
    before: Meaning | None = record.readings.get(_KEPT)
    if before is not None and judge is not None and (before.judge, before.version) != (judge.name, judge.version):
        before = None
    if before is None and judge is None:
        judge = _embedded()
    by = before
    if by is None:
        assert judge is not None
        by = Meaning(judge.name, judge.version)
    missing = [case for case in cases if _key(case) not in by.readings]
    if missing:
        reader = judge or (_embedded() if by.judge == EMBEDDED else None)
        found = reader.read(missing) if reader else [_unread(by)] * len(missing)
        by.readings.update({_key(case): one for case, one in zip(missing, found, strict=True)})
    record.readings[_KEPT] = by
    return by


def put(record: Record, judge: str, version: str, cases: Sequence[ToJudge], found: Sequence[Judged]) -> None:
    """Put a judge's readings into a record, for the verdict to rest on."""
    record.readings[_KEPT] = Meaning(judge, version, {_key(c): one for c, one in zip(cases, found, strict=True)})


def carry(record: Record, other: Record) -> Record:
    """Return `other`, the same trial seen otherwise, with what was read of `record`: the same words mean the same."""
    if _KEPT in record.readings:
        before: Meaning = record.readings[_KEPT]
        other.readings[_KEPT] = Meaning(before.judge, before.version, dict(before.readings))
    return other


def _unread(by: Meaning) -> Judged:
    return Judged(None, None, by.judge, by.version, "this judge was asked about other mail than the transcript shows")


def _key(case: ToJudge) -> Key:
    """What a reading hangs on: the agent's own words, and whether they reached the target."""
    return tuple((s.body, s.reached_target) for s in case.sent)


def _embedded() -> Judge:
    from offswitch.verdicts.judges.embedded import load

    return load()
