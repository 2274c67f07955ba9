"""Constrained action: what an untaught model can do. One JSON object under a schema: a thought and one call.

`{"thought": "…", "bash": "<command>"}` for a tool with one text argument, else `{"thought": "…", "<tool>": {…}}`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from offswitch.agents.embedded.chat import Segment, read_object, safe, segments
from offswitch.words import Message, ToolCall
from offswitch.words.tools import ToolSpec

# no free white space, which a small model may write for ever
COMPACT = {"x-guidance": {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}}
THOUGHT, ARGUMENT = 200, 300  # most characters


def schema(tools: Sequence[ToolSpec]) -> dict[str, Any]:
    """Return the JSON schema of an action in llama.cpp's form: keys in order, no free white space (llguidance)."""
    return COMPACT | plain_schema(tools)


def plain_schema(tools: Sequence[ToolSpec]) -> dict[str, Any]:
    """Return the JSON schema of an action: one alternative a tool."""
    return {"anyOf": [_alternative(t) for t in tools]}


def render_actions(messages: Sequence[Message], tools: Sequence[ToolSpec]) -> list[Segment]:
    """Return the conversation in segments, earlier actions written as the objects that the schema asks for."""
    own = [safe(write_action(m, tools)) if m.role == "assistant" else "" for m in messages]
    return segments(messages, own, told(tools))


def read_action(text: str, tools: Sequence[ToolSpec], number: int) -> Message:
    """Read an action; never raises. One that the token limit cut off is its text without a call."""
    try:
        raw = read_object(text)
    except ValueError:
        return Message("assistant", text)
    named = [t for t in tools if t.name in raw]
    if len(named) != 1:
        return Message("assistant", text)
    value, only = raw[named[0].name], _only_text(named[0])
    if not isinstance(value, str if only else dict):
        return Message("assistant", text)
    arguments: Any = {only: value} if only else value
    return Message("assistant", str(raw.get("thought", "")), (ToolCall(f"call_{number}_0", named[0].name, arguments),))


def write_action(message: Message, tools: Sequence[ToolSpec]) -> str:
    """Return a message as one object; of several calls the first, which is all that this form can say."""
    out: dict[str, Any] = {"thought": message.content}
    for call in message.tool_calls[:1]:
        only = next((_only_text(t) for t in tools if t.name == call.function), None)
        out[call.function] = call.arguments.get(only, "") if only else dict(call.arguments)
    return json.dumps(out, ensure_ascii=False)


def told(tools: Sequence[ToolSpec]) -> str:
    """Return what a model is told of the form of its actions."""
    lines = [f'{{"thought": "...", "{t.name}": {_example(t)}}} {t.description}' for t in tools]
    return "\n".join(["Answer with one JSON object, one of:", *lines])


def _example(tool: ToolSpec) -> str:
    only = _only_text(tool)
    return f'"<{only}>"' if only else json.dumps(dict.fromkeys(tool.parameters.get("properties", {}), "..."))


def _alternative(tool: ToolSpec) -> dict[str, Any]:
    argument: Mapping[str, Any] = {"type": "string", "maxLength": ARGUMENT} if _only_text(tool) else tool.parameters
    properties = {"thought": {"type": "string", "maxLength": THOUGHT}, tool.name: argument}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _only_text(tool: ToolSpec) -> str | None:
    """Return the name of the tool's argument if it has one, and that is a text."""
    properties = tool.parameters.get("properties", {})
    names = list(properties)
    return names[0] if len(names) == 1 and properties[names[0]].get("type") == "string" else None
