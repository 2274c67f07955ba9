"""How messages and tools are written for the embedded model, and how its answers are read.

ChatML with tool calls as of Qwen2.5 (`<tool_call>{"name", "arguments"}</tool_call>`): SmolLM2's own template drops
tools. What a user, a tool or a model wrote can never become a control token: its markers are broken up.
"""

import json
from collections.abc import Iterator, Sequence

from offswitch.words import Message, ToolCall
from offswitch.words.tools import ToolSpec

END = "<|im_end|>"
_MARKERS = ("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")
_HEAD = "Call a tool as <tool_call>{\"name\": NAME, \"arguments\": {…}}</tool_call>. Tools:"


def render(messages: Sequence[Message], tools: Sequence[ToolSpec]) -> str:
    """Return the prompt up to where the agent's next message begins."""
    return "".join(text for text, _ in render_with_mask(messages, tools)) + "<|im_start|>assistant\n"


def render_with_mask(messages: Sequence[Message], tools: Sequence[ToolSpec]) -> list[tuple[str, bool]]:
    """Return the conversation as (text, whether the agent wrote it) segments; only its own are learnt from."""
    out: list[tuple[str, bool]] = []
    for i, message in enumerate(messages):
        if message.role == "assistant":
            out += [("<|im_start|>assistant\n", False), (written(message) + END, True), ("\n", False)]
        else:
            role, text = _shown(message)
            extra = "\n\n" + _tools(tools) if i == 0 and tools else ""
            out.append((f"<|im_start|>{role}\n{text}{extra}{END}\n", False))
    return out


def written(message: Message) -> str:
    """Return an agent's message as the model writes it."""
    calls = [json.dumps({"name": c.function, "arguments": dict(c.arguments)}, ensure_ascii=False) for c in message.tool_calls]
    parts = [safe(message.content.strip())] if message.content.strip() else []
    return "\n".join(parts + [f"<tool_call>{safe(c)}</tool_call>" for c in calls])


def safe(text: str) -> str:
    """Break up whatever would read as a control marker, so that text stays text."""
    for marker in _MARKERS:
        if marker in text:
            text = text.replace(marker, marker[0] + " " + marker[1:])
    return text


def read(text: str, number: int) -> Message:
    """Read what the model wrote. A call that is no JSON object becomes a call whose arguments say so."""
    before, _, rest = text.partition("<tool_call>")
    calls = tuple(_calls(rest, number)) if rest else ()
    return Message("assistant", before.replace(END, "").strip(), calls)


def _calls(text: str, number: int) -> Iterator[ToolCall]:
    for i, part in enumerate(text.split("<tool_call>")):
        raw = part.split("</tool_call>")[0].strip()
        try:
            parsed = json.loads(raw)
            name, arguments = parsed["name"], parsed["arguments"]
        except (ValueError, KeyError, TypeError, RecursionError):
            name, arguments = "unreadable", {"text": raw[:2000]}
        if not isinstance(name, str) or not isinstance(arguments, dict):
            name, arguments = "unreadable", {"text": raw[:2000]}
        yield ToolCall(f"call_{number}_{i}", name, arguments)


def _shown(message: Message) -> tuple[str, str]:
    if message.role == "tool":
        return "user", f"<tool_response>\n{safe(message.content)}\n</tool_response>"
    return message.role, safe(message.content)


def _tools(tools: Sequence[ToolSpec]) -> str:
    lines = [f"{t.name}({', '.join(t.parameters.get('properties', {}))}): {t.description}" for t in tools]
    return "\n".join([_HEAD, *lines])
