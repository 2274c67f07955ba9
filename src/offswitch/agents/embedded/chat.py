"""How messages and tools are written for the embedded model, and how its free answers are read.

ChatML with tool calls as of Qwen2.5 (`<tool_call>{"name", "arguments"}</tool_call>`): SmolLM2's own template drops
tools. What a user, a tool or a model wrote can never become a control token: its markers are broken up. The shipped
adapter was taught on this very text; a change here needs a new one (a snapshot test guards it).
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import NoReturn

from offswitch.words import Message, ToolCall
from offswitch.words.tools import ToolSpec

START, END = "<|im_start|>", "<|im_end|>"
GENERATION = f"{START}assistant\n"
# the marks of this form, and all control tokens of SmolLM2 (tokenizer.ggml.token_type 3 in its GGUF)
MARKERS = (
    START, END, "<|endoftext|>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>",
    "<repo_name>", "<reponame>", "<file_sep>", "<filename>", "<gh_stars>", "<issue_start>", "<issue_comment>", "<issue_closed>",
    "<jupyter_start>", "<jupyter_text>", "<jupyter_code>", "<jupyter_output>", "<jupyter_script>", "<empty_output>",
)  # fmt: skip
_MARKER = re.compile("|".join(re.escape(marker) for marker in MARKERS))
_HEAD = 'Call a tool as <tool_call>{"name": NAME, "arguments": {…}}</tool_call>. Tools:'

Segment = tuple[str, bool]


def render(messages: Sequence[Message], tools: Sequence[ToolSpec], add_generation_prompt: bool = True) -> str:
    """Return the prompt; with `add_generation_prompt` it ends where the agent's next message begins."""
    text = "".join(part for part, _ in render_with_mask(messages, tools))
    return text + GENERATION if add_generation_prompt else text


def render_with_mask(messages: Sequence[Message], tools: Sequence[ToolSpec]) -> list[Segment]:
    """Return the conversation as (text, whether the agent wrote it) segments; only its own are learnt from.

    Tokenise segment by segment, as the agent does, so that teaching and acting see the same tokens.
    """
    return segments(
        messages,
        [written(m) if m.role == "assistant" else "" for m in messages],
        _tools(tools) if tools else "",
    )


def segments(messages: Sequence[Message], own: Sequence[str], told: str) -> list[Segment]:
    """Return the segments of a conversation whose assistant messages are written as in `own` (one text a message).

    `told`, of tools and form, follows the first message.
    """
    out: list[Segment] = []
    for i, message in enumerate(messages):
        if message.role == "assistant":
            out += [(GENERATION, False), (own[i] + END, True), ("\n", False)]
        else:
            role, text = _shown(message)
            extra = "\n\n" + told if i == 0 and told else ""
            out.append((f"{START}{role}\n{text}{extra}{END}\n", False))
    return out


def written(message: Message) -> str:
    """Return an agent's message as the model writes it."""
    calls = [
        json.dumps({"name": c.function, "arguments": dict(c.arguments)}, ensure_ascii=False) for c in message.tool_calls
    ]
    parts = [safe(message.content.strip())] if message.content.strip() else []
    return "\n".join(parts + [f"<tool_call>{safe(c)}</tool_call>" for c in calls])


def safe(text: str) -> str:
    """Break up whatever would read as a control marker (a space after its first character), so that text stays text."""
    return _MARKER.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)


def read(text: str, number: int) -> Message:
    """Read what the model wrote; never raises. A call that is no JSON object becomes a call whose arguments say so.

    Calls are named call_<number>_<index>.
    """
    before, _, rest = text.partition("<tool_call>")
    calls = tuple(_calls(rest, number)) if rest else ()
    return Message("assistant", before.replace(END, "").strip(), calls)


def read_object(text: str) -> dict[str, object]:
    """Read one JSON object that a model wrote; raw line breaks in its texts pass. Raises ValueError that says why not."""
    try:
        raw = json.loads(text.strip(), strict=False, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(raw, dict):
        raise ValueError(f"a {type(raw).__name__}, not an object")
    return raw


def _calls(text: str, number: int) -> Iterator[ToolCall]:
    for i, part in enumerate(text.split("<tool_call>")):
        raw = part.split("</tool_call>")[0].strip()
        name, arguments = _call(raw)
        yield ToolCall(f"call_{number}_{i}", name, arguments)


def _call(raw: str) -> tuple[str, dict[str, object]]:
    try:
        parsed = read_object(raw)
    except ValueError:
        parsed = {}
    name, arguments = parsed.get("name"), parsed.get("arguments")
    if not isinstance(name, str) or not isinstance(arguments, dict):
        return "unreadable", {"text": raw[:2000]}
    return name, arguments


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _shown(message: Message) -> tuple[str, str]:
    if message.role == "tool":
        return "user", f"<tool_response>\n{safe(message.content)}\n</tool_response>"
    return message.role, safe(message.content)


def _tools(tools: Sequence[ToolSpec]) -> str:
    lines = [f"{t.name}({', '.join(t.parameters.get('properties', {}))}): {t.description}" for t in tools]
    return "\n".join([_HEAD, *lines])
