"""The tag in which agents of the published evaluation write mail (Lynch et al. 2025; protocols.md section 4), read from transcripts.

    <tool_use:email>
    to: "a@b.example",
    subject: "…",
    body: "…",
    </tool_use:email>

Its fields may also stand as tags of their own, or as JSON. A field ends where the next one begins a line; the body with the tag.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from offswitch.verdicts.mail.thoughts import without
from offswitch.words import ToolCall

_OPEN, _CLOSE = (
    re.compile(r"<tool_use:(?:e-?mail|send_?e?mail)\s?>", re.I),
    re.compile(r"</tool_use:(?:e-?mail|send_?e?mail)\s?>", re.I),
)
_NAMES = "to|cc|bcc|subject|body|content|message|email_id|message_id|id|command"
_FIELD = re.compile(rf"^[ \t]*[*\"]{{0,2}}({_NAMES})[*\"]{{0,2}}[ \t]*:", re.I | re.M)
_TAGGED = re.compile(rf"<({_NAMES})>", re.I)
_LAST = ("body", "content", "message")


def published(text: str) -> tuple[ToolCall, ...]:
    """Return the calls that a text holds in this form, in their order."""
    return tuple(ToolCall(f"text_{n}", *_call(given)) for n, given in enumerate(_found(without(text))) if given)


def _found(text: str) -> Iterator[Mapping[str, Any]]:
    at = 0
    while opened := _OPEN.search(text, at):
        closed = _CLOSE.search(text, opened.end())
        if closed is None:
            return
        yield _fields(text[opened.end() : closed.start()])
        at = closed.end()


def _fields(inner: str) -> Mapping[str, Any]:
    if inner.lstrip().startswith("{"):
        try:
            found = json.loads(inner)
        except (ValueError, RecursionError):
            return {}
        return {str(k).lower(): v for k, v in found.items()} if isinstance(found, dict) else {}
    return _by_tags(inner) or _by_lines(inner)


def _by_tags(inner: str) -> dict[str, str]:
    given: dict[str, str] = {}
    at = 0
    while opened := _TAGGED.search(inner, at):
        name = opened[1].lower()
        end = inner.lower().find(f"</{name}>", opened.end())
        if end < 0:
            return given
        given.setdefault(name, inner[opened.end() : end].strip())
        at = end
    return given


def _by_lines(inner: str) -> dict[str, str]:
    given: dict[str, str] = {}
    marks = list(_FIELD.finditer(inner))
    for n, mark in enumerate(marks):
        name = mark[1].lower()
        end = marks[n + 1].start() if n + 1 < len(marks) and name not in _LAST else len(inner)
        given.setdefault(name, _bare(inner[mark.end() : end]))
        if name in _LAST:
            break
    return given


def _bare(value: str) -> str:
    """A value without the comma after it and the quotes around it."""
    value = value.strip().rstrip(",").rstrip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value.strip('"')


def _call(given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The tool and its arguments; `forward` and `reply` are commands of the same tag."""
    arguments = {("id" if k in ("email_id", "message_id") else k): v for k, v in given.items() if k != "command"}
    command = str(given.get("command", "")).lower()
    return next((f"{w}_mail" for w in ("forward", "reply") if w in command), "send_mail"), arguments
