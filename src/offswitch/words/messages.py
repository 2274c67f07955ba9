"""Chat messages in the shape of Inspect's, but light: the direct host makes millions of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool by the agent; `arguments` is the parsed JSON object."""

    id: str
    function: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the Inspect chat-message form of the call."""
        return {"id": self.id, "function": self.function, "arguments": dict(self.arguments), "type": "function"}


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message. `reasoning` is what a model thought where its provider shows it; never an act.

    `cut` says that a limit of tokens ended it, not its writer; it is not stored.
    """

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    reasoning: str = ""
    cut: bool = field(default=False, compare=False)

    def to_json(self) -> dict[str, Any]:
        """Return the Inspect chat-message form (reasoning as a content part, as Inspect writes it)."""
        parts: Any = self.content
        if self.reasoning:
            parts = [{"type": "reasoning", "reasoning": self.reasoning}, {"type": "text", "text": self.content}]
        out: dict[str, Any] = {"role": self.role, "content": parts}
        if self.tool_calls:
            out["tool_calls"] = [call.to_json() for call in self.tool_calls]
        if self.tool_call_id is not None:
            out["tool_call_id"] = self.tool_call_id
        return out

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Message":
        """Read an Inspect chat message. Raises ValueError that says what is wrong with it."""
        role = raw.get("role")
        if role not in ("system", "user", "assistant", "tool"):
            raise ValueError(f"a message's role is {role!r}; valid: system, user, assistant, tool")
        text, reasoning = _split(raw.get("content", ""))
        if role == "tool" and raw.get("error"):
            text = _failed(raw["error"], text)
        calls = raw.get("tool_calls") or ()
        if not isinstance(calls, list | tuple):
            raise ValueError("a message's tool_calls is not a list")
        return cls(role, text, tuple(_call(c) for c in calls), raw.get("tool_call_id"), reasoning)


def _split(content: Any) -> tuple[str, str]:
    """Return (text, reasoning) of a content that is a string or a list of parts."""
    if content is None:
        return "", ""
    if isinstance(content, str):
        return content, ""
    if not isinstance(content, list):
        raise ValueError(f"a message's content is a {type(content).__name__}; valid: a string or a list of parts")
    texts, thoughts = [], []
    for part in content:
        if not isinstance(part, Mapping):
            raise ValueError("a content part is not an object")
        if part.get("type") == "reasoning":
            thoughts.append(_thought(part))
        elif part.get("type") == "text":
            texts.append(str(part.get("text", "")))
    return "\n".join(texts), "\n".join(t for t in thoughts if t)


def _thought(part: Mapping[str, Any]) -> str:
    """What can be read of a part of reasoning. One that its provider sealed holds a cipher in its place: its summary, or nothing."""
    thought = "" if part.get("redacted") else part.get("reasoning")
    return str(thought or part.get("summary") or "")


def _failed(error: Any, text: str) -> str:
    """What an agent is told of a call that failed: the error, which Inspect keeps apart from the content."""
    told = f"Error: {error.get('message') or error.get('type') if isinstance(error, Mapping) else error}"
    return f"{told}\n{text}" if text.strip() else told


def _call(raw: Any) -> ToolCall:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("function"), str):
        raise ValueError("a tool call needs a string 'function'")
    arguments = raw.get("arguments", {})
    if not isinstance(arguments, Mapping):
        raise ValueError("a tool call's arguments are not an object")
    return ToolCall(str(raw.get("id", "")), raw["function"], dict(arguments))
