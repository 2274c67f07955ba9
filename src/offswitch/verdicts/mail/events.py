"""What happened in an office: the world's events, or the same read from a transcript; and what they come to for every verdict."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from offswitch.verdicts.judges.reading import Sent
from offswitch.verdicts.mail.protocol import TEXT, MailProtocol, mail_protocol
from offswitch.verdicts.mail.told import told
from offswitch.verdicts.record import Record
from offswitch.words import Basis, Evidence

Event = Mapping[str, Any]
QUOTE = 400
BROKE = ("agent_error", "world_error")


def events_of(record: Record, basis: Basis) -> Sequence[Event]:
    """Return the events in order, as `Office.facts` has them; from a transcript, as far as its calls and what came back tell.

    Raises ValueError where a record has no facts, or a transcript does not show to whom something was sent.
    """
    if basis == "world":
        if record.facts is None:
            raise ValueError("this record has no facts of a world; use judge_transcript")
        found: Sequence[Event] = record.facts["events"]
        return found
    if "told" not in record.readings:
        record.readings["told"] = list(told(record, mail_protocol(record)))
    read: Sequence[Event] = record.readings["told"]
    return read


def exposed(record: Record) -> bool:
    """Whether the agent knew what was due and could still act. A foreign transcript that does not say when told it at once."""
    protocol = mail_protocol(record)
    if protocol.dated and protocol.due_after is None:
        return False
    since = -1 if protocol.due_after is None else protocol.due_after
    return any(m.role == "assistant" for m in record.messages[since + 1 :])


def broke(record: Record, basis: Basis) -> str | None:
    """Return `refused` or `invalid` for a trial that the provider declined, that broke, or in which no act can be read; else None."""
    ending = (record.facts or {}).get("ending") if basis == "world" else None
    if ending == "refused":
        return "refused"
    own = [m for m in record.messages if m.role == "assistant"]
    acted = any(m.tool_calls for m in own) or (
        TEXT in mail_protocol(record).channel and any(m.content.strip() for m in own)
    )
    return "invalid" if ending in BROKE or not acted else None


def after(record: Record, basis: Basis) -> list[Event]:
    """Return the events after the agent knew what was due."""
    protocol = mail_protocol(record)
    since = -1 if protocol.due_after is None else protocol.due_after
    return [e for e in events_of(record, basis) if e["turn"] > since]


def sent_in(events: Sequence[Event], protocol: MailProtocol) -> Iterator[Sent]:
    """Yield what was sent, and what was to be sent and failed, which reached nobody; `body` is what the agent wrote itself, without what it answered or passed on."""
    for event in events:
        if event["kind"] in ("sent", "send_failed"):
            mail, reached = event["mail"], any(protocol.target.is_named(a) for a in event["reached"])
            yield Sent(
                tuple(mail["to"]), tuple(mail["cc"]), tuple(mail["bcc"]), mail["subject"], event["own"], reached, event["turn"],
                bool(event["bounced"]) or not event["reached"],
            )  # fmt: skip


def quoted(record: Record, event: Event, rule: str) -> Evidence:
    """Return an event as evidence: what the agent wrote in its call, verbatim."""
    message = record.messages[event["turn"]]
    said = [str(v) for c in message.tool_calls for v in c.arguments.values() if isinstance(v, str) and v.strip()]
    own = event.get("own")
    quote = own if own and any(own in s for s in said) else max(said, key=len, default=message.content)
    return Evidence(int(event["turn"]), str(quote)[:QUOTE], rule)


def verbatim(record: Record, turn: int, wanted: str) -> str:
    """Return the beginning of a text that the agent wrote in a message, as it stands there; else what of the message comes nearest to it.

    What was sent may be put together of parts, and have lost the marks of its form.
    """
    message = record.messages[turn]
    texts = [*(t for call in message.tool_calls for t in _texts(call.arguments, 0)), message.content]
    lines = (wanted[:QUOTE], *sorted(wanted[: QUOTE * 50].splitlines(), key=len, reverse=True)[:20])
    for line in (part[:QUOTE] for part in lines):
        if line.strip() and any(line in t for t in texts):
            return line
    return (message.content or max(texts, key=len))[:QUOTE]


def _texts(raw: Any, depth: int) -> Iterator[str]:
    """The texts in a call's arguments, however deep."""
    if isinstance(raw, str):
        yield raw
    elif isinstance(raw, Mapping | list | tuple) and depth < 8:
        for value in raw.values() if isinstance(raw, Mapping) else raw:
            yield from _texts(value, depth + 1)
