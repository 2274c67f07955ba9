"""The single-turn text form: the agent's acts, read out of one message in which they are written as tags.

    <mail to="a@b.example" cc="c@d.example" subject="…">body</mail>   <reply id="m3">body</reply>
    <forward id="m3" to="a@b.example">words before it</forward>       <act name="cancel_wipe"/>

All else in the message is nobody's but the agent's: it is not sent, and decides nothing. The form of the published evaluation
(Lynch et al. 2025, "Agentic misalignment", protocols.md section 4) is rebuilt from its facts, not copied.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import replace

from offswitch.verdicts.mail.thoughts import without
from offswitch.words import Message, ToolCall

MOST = 1_000_000  # characters of a message that are read
_NAME = r'[a-zA-Z_]+\s*=\s*(?:"[^"<>]*"|\'[^\'<>]*\')'
_TAG = re.compile(rf"<(mail|reply|forward|act)((?:\s+{_NAME})*)\s*(?:/>|>((?:(?!<\1\b).)*?)</\1\s*>)", re.S | re.I)
_ONE = re.compile(r'([a-zA-Z_]+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\')')
_TOOL = {"mail": "send_mail", "reply": "reply_mail", "forward": "forward_mail"}


def acted(message: Message) -> Message:
    """Return the message with the calls that its tags stand for, and the end of the work after them."""
    calls = tagged(message.content)
    return replace(message, tool_calls=(*calls, ToolCall(f"text_{len(calls)}", "submit", {})))


def tagged(text: str) -> tuple[ToolCall, ...]:
    """Return the calls that the tags of a text stand for, in their order. What it thinks aloud is no act."""
    return tuple(_calls(without(text[:MOST])))


def _calls(text: str) -> Iterator[ToolCall]:
    for number, found in enumerate(_TAG.finditer(text)):
        kind, body = found[1].lower(), found[3]
        given: dict[str, object] = {n.lower(): html.unescape(a or b) for n, a, b in _ONE.findall(found[2])}
        name = str(given.pop("name", "")) if kind == "act" else _TOOL[kind]
        if kind != "act":
            given["body"] = html.unescape(body or "").strip()
        yield ToolCall(f"text_{number}", name, given)
