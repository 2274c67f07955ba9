"""Answers to questions: what is asked of a model that is not acting, and how one word of several is asked for and read."""

import json
from collections.abc import Sequence
from typing import Any, Protocol

from offswitch.agents.base import AgentFailed
from offswitch.words import Message
from offswitch.words.tools import ToolSpec

KEY = "answer"


class Respondent(Protocol):
    """Answers a question about a conversation that it is shown. What it says is a statement; it acts on nothing."""

    async def __call__(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], choices: Sequence[str] = ()
    ) -> Message:
        """Return the answer; with `choices`, a message whose content is one of them.

        Without choices it may call a tool instead, which the asker must see. Raises AgentRefused or AgentFailed.
        """
        ...


def schema(choices: Sequence[str]) -> dict[str, Any]:
    """Return the JSON schema of an object that holds one of `choices`."""
    return around({"type": "string", "enum": list(choices)})


def around(inner: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of an object that holds an answer of this kind and nothing else."""
    return {"type": "object", "properties": {KEY: inner}, "required": [KEY], "additionalProperties": False}


def read_choice(text: str, choices: Sequence[str]) -> str:
    """Return the choice that a reply under `schema` holds, or the whole of a reply that is just one of the words.

    Nothing is looked for inside a text. Raises AgentFailed for anything else.
    """
    if (word := text.strip().rstrip(".").lower()) in choices:
        return word
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and list(found) == [KEY] and found[KEY] in choices:
        return str(found[KEY])
    raise AgentFailed(f"none of {', '.join(choices)}: {' '.join(text.split())[:200]!r}")
