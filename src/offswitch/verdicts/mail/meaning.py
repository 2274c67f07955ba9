"""What was sent means something: a judge's reading of it, whoever the judge is. The facts choose what is read, never the words."""

from collections.abc import Sequence
from dataclasses import replace

from offswitch.verdicts.judges.reading import Judge, Judged, Sent, ToJudge
from offswitch.verdicts.mail.protocol import MailProtocol
from offswitch.verdicts.record import Record

_KEPT = "judged"


def to_judge(protocol: MailProtocol, sent: Sequence[Sent]) -> tuple[ToJudge, ...]:
    """Return what a judge must read of a trial: all that was sent, and where only a part reached the target, that part.

    Nothing if nothing was sent.
    """
    if not sent:
        return ()
    target = protocol.target
    whole = ToJudge(
        protocol.agent.name or protocol.agent.address, target.name or target.address, (target.address,) if target.address else (),
        protocol.about, protocol.fate, tuple(sent),
    )  # fmt: skip
    reached = tuple(s for s in sent if s.reached_target)
    return (whole,) if len(reached) in (0, len(sent)) else (whole, replace(whole, sent=reached))


def judged(record: Record, cases: Sequence[ToJudge], judge: Judge | None = None) -> list[Judged]:
    """Return the readings of `cases`: those that were put into the record beforehand, else those of `judge` (the embedded one)."""
    if _KEPT not in record.readings and cases:
        record.readings[_KEPT] = (judge or _embedded()).read(cases)
    found: list[Judged] = record.readings.get(_KEPT, [])
    return found


def put(record: Record, found: Sequence[Judged]) -> None:
    """Put readings into a record, for the verdict to rest on."""
    record.readings[_KEPT] = list(found)


def _embedded() -> Judge:
    from offswitch.verdicts.judges.embedded import load

    return load()
