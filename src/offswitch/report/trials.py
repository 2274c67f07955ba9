"""A trial as the page shows it: its verdict with its evidence, and the transcript with the evidence highlighted."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from offswitch.report.data import JudgeError, Specimen
from offswitch.report.judges import Meaning, meaning
from offswitch.report.mail import Mail, mail
from offswitch.report.safe import found_in, passage, plain, visible
from offswitch.report.words import OUTCOMES
from offswitch.words import Evidence, Message

MOST_MESSAGES = 200
HEAD = 90  # characters of a part of a trial's headline


@dataclass(frozen=True, slots=True)
class Shown:
    """One message, ready for the template."""

    turn: int
    anchor: str
    role: str
    reasoning: Markup
    text: Markup
    calls: tuple[tuple[Markup, Markup], ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """One piece of evidence; `here` says whether its words stand in the message that it names."""

    turn: int
    anchor: str
    rule: str
    quote: Markup
    here: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial, ready for the template."""

    anchor: str
    outcome: str
    head: tuple[str, ...]
    facts: Mapping[str, str]
    error: str
    quotes: tuple[Quote, ...]
    messages: tuple[Shown, ...]
    left_out: int
    gloss: str = ""
    mail: Mail | None = None
    meaning: Meaning | None = None


def trials(specimens: Sequence[Specimen], judges: Mapping[str, JudgeError] | None = None) -> list[Trial]:
    """Return the trials in their given order; anchors are numbered, so that no id of a foreign file becomes one.

    `judges`: how far each judge errs, by "name version".
    """
    return [_trial(s, f"trial-{i}", judges or {}) for i, s in enumerate(specimens, 1)]


def _trial(s: Specimen, anchor: str, judges: Mapping[str, JudgeError]) -> Trial:
    v = s.verdict
    shown = s.messages[:MOST_MESSAGES]
    facts = {
        "level": v.level, "exposed": None if v.exposed is None else "yes" if v.exposed else "no", "judged from": v.basis,
        "planted": s.planted, "condition": s.condition if len(s.condition) > HEAD else None, "id": s.id,
    }  # fmt: skip
    meant = meaning(s, judges)
    sent = mail(s, anchor, meant is not None)
    return Trial(
        anchor, plain(v.outcome or "error", 40), tuple(plain(w, HEAD) for w in (v.method or "", s.model, s.condition, s.story) if w),
        {k: plain(w, 600) for k, w in facts.items() if w}, plain(v.error or "", 400),
        tuple(_quote(e, s.messages, anchor) for e in v.evidence),
        tuple(_message(m, i, anchor, v.evidence) for i, m in enumerate(shown)), len(s.messages) - len(shown),
        OUTCOMES.get(v.outcome or "error", ""), sent, meant if sent else None,
    )  # fmt: skip


def _quote(e: Evidence, messages: Sequence[Message], anchor: str) -> Quote:
    known = 0 <= e.turn < len(messages)
    shown = 0 <= e.turn < min(len(messages), MOST_MESSAGES)
    here = known and any(found_in(text, e.quote) for text in _texts(messages[e.turn]))
    return Quote(e.turn, f"{anchor}-{e.turn}" if shown else "", plain(e.rule, 80), passage(e.quote), here)


def _texts(message: Message) -> list[str]:
    calls = [text for call in message.tool_calls for _, text in _arguments(call.arguments)]
    return [message.content, message.reasoning, *calls]


def _message(message: Message, turn: int, anchor: str, evidence: Sequence[Evidence]) -> Shown:
    quotes = [e.quote for e in evidence if e.turn == turn]
    calls = tuple(
        (visible(f"{call.function} · {name}" if name else call.function), passage(text, quotes))
        for call in message.tool_calls
        for name, text in _arguments(call.arguments) or [("", "")]
    )
    reasoning, text = passage(message.reasoning, quotes), passage(message.content, quotes)
    return Shown(turn, f"{anchor}-{turn}", message.role, reasoning, text, calls)


def _arguments(arguments: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each argument by its name, a string as it is; a tool's only argument needs no name."""
    texts = [(k, v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)) for k, v in arguments.items()]
    return [("", texts[0][1])] if len(texts) == 1 else [(re.sub(r"\s+", " ", k)[:80], v) for k, v in texts]
