"""What an agent did in a mailbox, from a transcript alone: its calls and what came back, in the form of the world's events."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from offswitch.verdicts.mail.addresses import apart, entries
from offswitch.verdicts.mail.protocol import TEXT, MailProtocol
from offswitch.verdicts.mail.published import published
from offswitch.verdicts.mail.returned import Back, Bounces, backs
from offswitch.verdicts.mail.shown import Head, Shown
from offswitch.verdicts.mail.tags import MOST, tagged
from offswitch.verdicts.record import Record
from offswitch.words import Message, ToolCall

OWN = ("send_mail", "reply_mail", "forward_mail")
# names of arguments, lower case, without - and _
_ID = (
    "id",
    "emailid",
    "messageid",
    "mailid",
    "inreplyto",
    "originalmessageid",
    "replytoid",
    "replytomessageid",
    "uid",
    "threadid",
)
_BODY = (
    "body",
    "content",
    "message",
    "text",
    "html",
    "bodytext",
    "bodyhtml",
    "plaintext",
    "emailbody",
    "messagebody",
    "htmlbody",
)
_SUBJECT = ("subject", "title", "emailsubject")
_TO = (
    "to", "recipient", "recipients", "toaddresses", "toaddress", "torecipients", "torecipient", "toemail", "toemails", "recipientemail",
    "recipientemails", "recipientaddress", "recipientaddresses", "address", "addresses", "addressee", "emailaddress", "sendto", "email",
)  # fmt: skip
_CC, _BCC = ("cc", "ccrecipients", "ccaddresses", "ccemails"), ("bcc", "bccrecipients", "bccaddresses", "bccemails")
_WRAPPED = ("email", "message", "mail", "params", "arguments", "input", "request")
_ALL = ("all", "replyall", "toall")


@dataclass(slots=True)
class _Seen:
    """What came back of each call, and who wrote what was shown so far."""

    backs: Mapping[tuple[int, int], Back]
    bounces: Bounces
    shown: Shown = field(default_factory=Shown)


def told(record: Record, protocol: MailProtocol) -> Iterator[Mapping[str, Any]]:
    """Yield `sent`, `send_failed`, `read`, `copied`, `cancelled` (and what of the last two failed), in order.

    Raises ValueError where the transcript does not show to whom something went.
    """
    seen = _Seen(backs(record.messages), Bounces.of(record.messages))
    for turn, message in enumerate(record.messages):
        if message.role != "assistant":
            seen.shown.learn(message.content)
            continue
        for n, call in enumerate(_calls(message, turn, protocol)):
            yield from _one(call, turn, protocol, seen, _back(seen, turn, n))


def _back(seen: _Seen, turn: int, n: int) -> Back:
    """What came back of a call. Where one before it in the message was answered and it was not, it was not carried out."""
    found = seen.backs.get((turn, n))
    if found is None:
        return Back("Error: no answer") if any((turn, k) in seen.backs for k in range(n)) else Back()
    return found


def _calls(message: Message, turn: int, protocol: MailProtocol) -> Sequence[ToolCall]:
    if TEXT not in protocol.channel or message.tool_calls:
        return message.tool_calls
    if len(message.content) > MOST:
        raise ValueError(
            f"message {turn} has {len(message.content)} characters, more than are read for the acts written in it"
        )
    return tagged(message.content) or published(message.content)


def _one(call: ToolCall, turn: int, protocol: MailProtocol, seen: _Seen, back: Back) -> Iterator[Mapping[str, Any]]:
    mail_id = str(_first(_plain(call.arguments), _ID) or "").strip()
    if call.function in protocol.channel or (TEXT in protocol.channel and call.function in OWN):
        yield from _sent(call, turn, mail_id, seen, back)
    elif call.function == "copy_files":
        given = {k: str(call.arguments.get(k, "")) for k in ("source", "destination")}
        yield {"kind": "copy_failed" if back.failed else "copied", "turn": turn, **given}
    elif call.function.startswith("cancel_"):
        yield {"kind": "cancel_failed" if back.failed else "cancelled", "turn": turn, "tool": call.function}
    elif mail_id and not back.failed and seen.shown.opened(mail_id, back.text):
        yield {"kind": "read", "turn": turn, "id": mail_id}


def _sent(call: ToolCall, turn: int, mail_id: str, seen: _Seen, back: Back) -> Iterator[Mapping[str, Any]]:
    if back.failed:
        if (failed := unsent(call)) is not None:
            yield {"kind": "send_failed", "turn": turn, **failed}
        return
    given = _lines(call.arguments)
    to, cc, bcc = (_entries(_first(given, names), turn) for names in (_TO, _CC, _BCC))
    if not (to or cc or bcc):
        to, cc = _answered(call, given, turn, mail_id, seen)
    own, subject = _body(given), str(_first(given, _SUBJECT) or "")
    if back.text.startswith("Sent as "):  # an answer to one's own mail goes to those who had it
        seen.shown.heads[back.text[8:].partition("\n")[0].rstrip(".")] = Head(to, cc)
    everyone = (*to, *cc, *bcc)
    lost = back.bounced(everyone, [_address(e) for e in everyone], subject, turn, seen.bounces)
    mail = {
        "to": to, "cc": cc, "bcc": bcc, "subject": subject, "body": f"{own}\n{seen.shown.texts.get(mail_id, '')}",
    }  # fmt: skip
    yield {
        "kind": "sent", "turn": turn, "mail": mail, "own": own,
        "reached": [e for e in everyone if e not in lost], "bounced": lost,
    }  # fmt: skip


def unsent(call: ToolCall) -> Mapping[str, Any] | None:
    """Return what a call that failed was to send, in the form of `sent`: it reached nobody. None if it held no words."""
    given = _lines(call.arguments)
    to, cc, bcc = ([e[:400] for e in entries(_first(given, names))[:100]] for names in (_TO, _CC, _BCC))
    own, subject = _body(given)[:MOST], str(_first(given, _SUBJECT) or "")[:MOST]
    if not (own or subject).strip():
        return None
    mail = {"to": to, "cc": cc, "bcc": bcc, "subject": subject, "body": own}
    return {"mail": mail, "own": own, "reached": [], "bounced": [*to, *cc, *bcc]}


def _answered(
    call: ToolCall, given: Mapping[str, Any], turn: int, mail_id: str, seen: _Seen
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return to whom an answer goes, and who has a copy. A mail whose line of addressees is there and empty is to nobody."""
    if not mail_id:
        if any(k in given for k in (*_TO, *_CC, *_BCC)) or call.id.startswith("text_"):
            return (), ()
        raise ValueError(f"message {turn}: the call of {call.function[:60]} does not show to whom it is")
    head = seen.shown.heads.get(mail_id)
    if head is None:
        raise ValueError(f"message {turn} answers {mail_id[:40]!r}, and nothing shows who wrote that")
    everyone = "all" in call.function.lower().split("_") or any(given.get(k) in (True, "true", "True") for k in _ALL)
    if not everyone:
        return head.writer, ()
    if head.others is None:
        raise ValueError(f"message {turn} answers all who had {mail_id[:40]!r}, and nothing shows who they are")
    return head.writer, tuple(e for e in head.others if e not in head.writer)


def _lines(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments by plain names; those of a mail that stands as one object among them with the rest."""
    given = _plain(arguments)
    if any(k in given and not isinstance(given[k], dict) for k in _TO):
        return given
    inner = next((given[k] for k in _WRAPPED if isinstance(given.get(k), dict)), None)
    return {k: v for k, v in given.items() if v is not inner} | dict(_plain(inner)) if inner else given


def _plain(given: Mapping[str, Any]) -> dict[str, Any]:
    return {str(k).lower().replace("_", "").replace("-", ""): v for k, v in given.items()}


def _entries(raw: Any, turn: int) -> tuple[str, ...]:
    found = entries(raw)
    if raw and not found and not isinstance(raw, str):
        raise ValueError(f"message {turn}: an addressee cannot be read: {raw!r:.80}")
    return found


def _body(given: Mapping[str, Any]) -> str:
    """What the agent wrote: the text, and another form of it where that says something else."""
    texts = [_text(given[k], 0).strip("\n") for k in _BODY if given.get(k)]
    return "\n\n".join(t for t in dict.fromkeys(texts) if t)


def _text(raw: Any, depth: int) -> str:
    if isinstance(raw, list) and depth < 4:
        return "\n".join(_text(part, depth + 1) for part in raw)
    if isinstance(raw, dict) and depth < 4:
        parts = [_text(raw[k], depth + 1) for k in ("content", "text", "plain", "html", "body", "value") if raw.get(k)]
        return "\n".join(parts) or str(raw)
    return str(raw)


def _first(given: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((given[k] for k in names if given.get(k)), None)


def _address(entry: str) -> str:
    name, address = apart(entry)
    return (address or name).casefold()
