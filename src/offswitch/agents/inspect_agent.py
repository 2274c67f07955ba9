"""Any Inspect model as an agent of the trial loop: providers, retries and rate limits are Inspect's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from offswitch._secrets import clean, hide
from offswitch.agents.base import Access, AgentFailed, AgentFull, AgentRefused, Usage
from offswitch.agents.inspect_faults import meaning, plain, unreadable
from offswitch.study.factors import StudyError
from offswitch.study.model import Generation
from offswitch.words import Message, ToolCall
from offswitch.words.tools import ToolSpec

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessage, ChatMessageAssistant, GenerateConfig, Model, ModelOutput
    from inspect_ai.tool import ToolInfo

PLAIN = Access()
_NOBODY = "none/none"  # Inspect's name for no model
_ASKS = 4  # for one message, where answers cannot be read


def reach(model: str, access: Access = PLAIN) -> "Model":
    """Return Inspect's model. Raises StudyError with a one-line reason if it is unknown or a key is missing."""
    from inspect_ai.model import GenerateConfig, get_model

    limits = GenerateConfig(
        max_connections=access.connections, max_retries=access.retries, attempt_timeout=access.seconds
    )
    try:
        return get_model(model, config=limits, memoize=False, **access.arguments)
    except Exception as error:  # providers raise kinds of their own (missing key, package, name)
        raise StudyError(f"the model {model!r} cannot be used: {plain(error, 400)}") from None


def in_role(name: str) -> "Model | None":
    """Return the model that the running eval gives a role (`--model-role judge=…`); None if it gives none."""
    from inspect_ai.model import get_model

    model = get_model(role=name, default=_NOBODY)
    return None if str(model) == _NOBODY else model


async def answers(model: "Model") -> None:
    """Ask for a word, so that a wrong key or address is known before any trial. Raises StudyError in one line.

    Retried once: more retries are for trials under way.
    """
    from inspect_ai.model import GenerateConfig

    once = GenerateConfig(max_tokens=64, max_retries=1, attempt_timeout=60, timeout=120)
    try:
        output = await model.generate("Answer with the word ready.", config=once)
    except Exception as error:  # whatever a provider raises
        raise StudyError(f"the model {model.name!r} does not answer: {plain(error, 400)}") from None
    if output.error:
        raise StudyError(f"the model {model.name!r} does not answer: {clean(' '.join(output.error.split()))[:400]}")


def config(generation: Generation) -> "GenerateConfig":
    """Return the study's settings of generation in Inspect's form."""
    from inspect_ai.model import GenerateConfig

    settings: dict[str, Any] = {k: v for k, v in generation.model_dump().items() if v is not None}
    if effort := settings.pop("effort", None):
        settings["reasoning_effort"] = effort
    return GenerateConfig(**settings)


def under_schema(
    settings: "GenerateConfig", name: str, schema: Mapping[str, Any], strict: bool | None = None
) -> "GenerateConfig":
    """Return settings under which a reply is held to a JSON schema, where a provider has structured output."""
    from inspect_ai.model import ResponseSchema
    from inspect_ai.util import JSONSchema

    shape = ResponseSchema(name=name, json_schema=JSONSchema.model_validate(schema), strict=strict)
    return settings.model_copy(update={"response_schema": shape})


class InspectAgent:
    """One trial's agent. `usage` adds up what the provider reports."""

    def __init__(self, model: "Model", generation: Generation) -> None:
        self._model, self.config = model, config(generation)
        self._said: dict[int, tuple[Message, ChatMessageAssistant]] = {}
        self.usage = Usage()

    async def __call__(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Message:
        """Ask the model for its next message. Raises AgentRefused, AgentFull, AgentFailed or AgentGone."""
        return await self.asked(messages, tools, self.config)

    async def asked(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], settings: "GenerateConfig"
    ) -> Message:
        """Ask under these settings. Raises as a call does."""
        output = await self._ask(list(self._chat(messages)), [tool_info(t) for t in tools], settings)
        self._count(output)
        reply = read_output(output)
        self._said[id(reply)] = (reply, output.message)
        return reply

    async def _ask(self, chat: "list[ChatMessage]", tools: "list[ToolInfo]", config: "GenerateConfig") -> "ModelOutput":
        """Return what the model answers; asked again where an answer cannot be read, for which Inspect makes no new attempt.

        An answer without a choice is not asked for again: it may be how this provider blocks, and to ask until it speaks
        would hide that.
        """
        for left in reversed(range(_ASKS)):
            try:
                output = await self._model.generate(chat, tools=tools, config=config)
            except Exception as error:  # whatever a provider raises after Inspect's retries
                if not left or not unreadable(error):
                    raise meaning(error) from None
            else:
                if not self._broke_off(output):
                    return output
        raise AgentFailed("the answer broke off: its stream ended without a reason to stop")

    def _broke_off(self, output: "ModelOutput") -> bool:
        """Return whether a stream ended before its last part, which tells why the model stopped."""
        streamed = getattr(self._model.api, "stream", False) is True
        return streamed and bool(output.choices) and output.stop_reason == "unknown"

    def _chat(self, messages: Sequence[Message]) -> "Iterator[ChatMessage]":
        """Yield Inspect's messages; what this model said goes back as it came, with what its provider signed."""
        called: dict[str | None, str] = {}
        for message in messages:
            said = self._said.get(id(message))
            yield said[1] if said else to_inspect(message, called.get(message.tool_call_id))
            called |= {c.id: c.function for c in message.tool_calls}

    def _count(self, output: "ModelOutput") -> None:
        if output.usage is not None:
            used, more = self.usage, output.usage
            self.usage = Usage(used.input_tokens + more.input_tokens, used.output_tokens + more.output_tokens)


def read_output(output: "ModelOutput") -> Message:
    """Turn Inspect's output into our message.

    Raises AgentRefused for a content filter and for a refusal that is marked as one, AgentFull for a conversation that no
    longer fits, AgentFailed for an error or an empty choice list.
    """
    if output.error or not output.choices:
        raise AgentFailed(f"the provider gave no message: {clean(output.error or 'no choices')[:500]}")
    if output.stop_reason == "content_filter":
        raise AgentRefused(f"content filter: {clean(output.message.text)[:300]}")
    if output.stop_reason == "model_length":
        raise AgentFull(clean(output.message.text)[:500])
    if not output.message.tool_calls and _refused(output):
        raise AgentRefused(f"refused: {clean(output.message.text)[:300]}")
    return replace(from_inspect(output.message), cut=output.stop_reason == "max_tokens")


def _refused(output: "ModelOutput") -> bool:
    """Return whether the provider marks the answer as a refusal."""
    content, details = output.message.content, output.choices[0].stop_details
    parts = [] if isinstance(content, str) else content
    return any(getattr(p, "refusal", None) for p in parts) or (details is not None and details.type == "refusal")


def from_inspect(message: Any) -> Message:
    """Read an Inspect assistant message (text, reasoning and tool calls; a call that did not parse keeps its text).

    Of reasoning that its provider keeps to itself there is the summary, or nothing.
    """
    calls = tuple(
        ToolCall(
            c.id, c.function, _arguments(c.arguments) if c.parse_error is None else {"unparsed": hide(str(c.arguments))}
        )
        for c in message.tool_calls or ()
    )
    parts = [] if isinstance(message.content, str) else message.content
    thoughts = [((p.summary or "") if p.redacted else p.reasoning) for p in parts if p.type == "reasoning"]
    return Message("assistant", hide(message.text), calls, None, hide("\n".join(t for t in thoughts if t)))


def _arguments(given: dict[str, Any]) -> dict[str, Any]:
    return {name: hide(value) if isinstance(value, str) else value for name, value in given.items()}


def to_inspect(message: Message, function: str | None = None) -> "ChatMessage":
    """Return Inspect's form of a message of ours; a tool's answer names its `function`, which some providers ask for."""
    from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageTool, ChatMessageUser
    from inspect_ai.tool import ToolCall as InspectCall

    if message.role == "assistant":
        raw = message.to_json()["content"]
        calls = [InspectCall(id=c.id, function=c.function, arguments=dict(c.arguments)) for c in message.tool_calls]
        return ChatMessageAssistant(content=raw, tool_calls=calls or None)
    if message.role == "tool":
        return ChatMessageTool(content=message.content, tool_call_id=message.tool_call_id, function=function)
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
