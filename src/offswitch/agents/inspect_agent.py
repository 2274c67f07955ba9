"""Any Inspect model as an agent of the trial loop: providers, retries and rate limits are Inspect's."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from offswitch.agents.base import Access, AgentFailed, AgentRefused, Usage
from offswitch.study.factors import StudyError
from offswitch.study.model import Generation
from offswitch.words import Message, ToolCall
from offswitch.words.tools import ToolSpec

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelOutput
    from inspect_ai.tool import ToolInfo

PLAIN = Access()
_MARKS = re.compile(r"\[/?bold\]")


def reach(model: str, access: Access = PLAIN) -> "Model":
    """Return Inspect's model. Raises StudyError with a one-line reason if it is unknown or a key is missing."""
    from inspect_ai.model import GenerateConfig, get_model

    try:
        return get_model(model, config=GenerateConfig(max_connections=access.connections), **access.arguments)
    except Exception as error:  # providers raise kinds of their own (missing key, package, name)
        raise StudyError(f"the model {model!r} cannot be used: {_plain(error)}") from None


async def answers(model: "Model") -> None:
    """Ask for a word, so that a wrong key or address is known before any trial. Raises StudyError in one line.

    Retried once: Inspect's own retries, which have no end, are for trials under way.
    """
    from inspect_ai.model import GenerateConfig

    once = GenerateConfig(max_tokens=64, max_retries=1, attempt_timeout=60, timeout=120)
    try:
        output = await model.generate("Answer with the word ready.", config=once)
    except Exception as error:  # whatever a provider raises
        raise StudyError(f"the model {model.name!r} does not answer: {_plain(error)}") from None
    if output.error:
        raise StudyError(f"the model {model.name!r} does not answer: {' '.join(output.error.split())[:400]}")


def _plain(error: Exception) -> str:
    """Return a provider's message on one line, without the marks that Inspect sets for its own terminal."""
    return _MARKS.sub("", " ".join(f"{error or type(error).__name__}".split()))[:400]


def config(generation: Generation) -> "GenerateConfig":
    """Return the study's settings of generation in Inspect's form."""
    from inspect_ai.model import GenerateConfig

    settings: dict[str, Any] = {k: v for k, v in generation.model_dump().items() if v is not None}
    if effort := settings.pop("effort", None):
        settings["reasoning_effort"] = effort
    return GenerateConfig(**settings)


class InspectAgent:
    """One trial's agent. `usage` adds up what the provider reports."""

    def __init__(self, model: "Model", generation: Generation) -> None:
        self._model, self._config = model, config(generation)
        self.usage = Usage()

    async def __call__(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Message:
        """Ask the model for its next message. Raises AgentRefused or AgentFailed."""
        chat, info = [to_inspect(m) for m in messages], [tool_info(t) for t in tools]
        try:
            output = await self._model.generate(chat, tools=info, config=self._config)
        except Exception as error:  # whatever a provider raises after Inspect's retries breaks this trial only
            raise AgentFailed(f"{type(error).__name__}: {' '.join(str(error).split())[:500]}") from None
        if output.usage is not None:
            used = self.usage
            self.usage = Usage(
                used.input_tokens + output.usage.input_tokens, used.output_tokens + output.usage.output_tokens
            )
        return read_output(output)


def read_output(output: "ModelOutput") -> Message:
    """Turn Inspect's output into our message; a content filter is a refusal, an empty choice list a failure."""
    if output.error or not output.choices:
        raise AgentFailed(f"the provider gave no message: {output.error or 'no choices'}")
    if output.stop_reason == "content_filter":
        raise AgentRefused(f"content filter: {output.message.text[:300]}")
    return from_inspect(output.message)


def from_inspect(message: Any) -> Message:
    """Read an Inspect assistant message (text, reasoning and tool calls; a call that did not parse keeps its text)."""
    content = message.content if isinstance(message.content, str) else message.model_dump(exclude_none=True)["content"]
    calls = tuple(
        ToolCall(c.id, c.function, c.arguments if c.parse_error is None else {"unparsed": str(c.arguments)})
        for c in message.tool_calls or ()
    )
    read = Message.from_json({"role": "assistant", "content": content})
    return Message("assistant", read.content, calls, None, read.reasoning)


def to_inspect(message: Message) -> "ChatMessage":
    """Return Inspect's form of a message of ours."""
    from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageTool, ChatMessageUser
    from inspect_ai.tool import ToolCall as InspectCall

    if message.role == "assistant":
        raw = message.to_json()["content"]
        calls = [InspectCall(id=c.id, function=c.function, arguments=dict(c.arguments)) for c in message.tool_calls]
        return ChatMessageAssistant(content=raw, tool_calls=calls or None)
    if message.role == "tool":
        return ChatMessageTool(content=message.content, tool_call_id=message.tool_call_id)
    return (
        ChatMessageSystem(content=message.content)
        if message.role == "system"
        else ChatMessageUser(content=message.content)
    )


def tool_info(spec: ToolSpec) -> "ToolInfo":
    """Return Inspect's description of a tool of ours."""
    from inspect_ai.tool import ToolInfo, ToolParams

    return ToolInfo(
        name=spec.name, description=spec.description, parameters=ToolParams.model_validate(dict(spec.parameters))
    )
