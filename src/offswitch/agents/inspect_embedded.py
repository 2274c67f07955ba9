"""The class behind Inspect's `offswitch/…` models."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import anyio.to_thread
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    Logprob,
    Logprobs,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    StopReason,
    TopLogprob,
)
from inspect_ai.tool import ToolCall as InspectCall
from inspect_ai.tool import ToolChoice, ToolInfo

from offswitch.agents.embedded.agent import load_agent
from offswitch.agents.embedded.engine import Completion, TokenLogprob
from offswitch.study.model import Generation
from offswitch.words import Message
from offswitch.words.tools import ToolSpec

MAX_TOKENS = 400
_DEFAULT = GenerateConfig()


_PLAIN = GenerateConfig()


class OffswitchAPI(ModelAPI):
    """One embedded model in this process; as many requests at once as it has engines."""

    def __init__(
        self, model_name: str, base_url: str | None = None, api_key: str | None = None,
        config: GenerateConfig = _DEFAULT,
    ) -> None:  # fmt: skip
        """Load the model. Raises StudyError in one line if it cannot be had."""
        super().__init__(model_name, base_url, api_key, [], config)
        name = model_name if model_name.startswith("offswitch/") else f"offswitch/{model_name}"
        self._loaded = load_agent(name, _generation(config))
        self._numbers = itertools.count(1)

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """Return the model's next message with its own usage. Raises EngineError, ValueError for what is not text."""
        number = next(self._numbers)
        messages = [_ours(m) for m in input]
        specs = [] if tool_choice == "none" else _specs(tools)
        work = partial(self._complete, messages, specs, config, number)
        return await anyio.to_thread.run_sync(work)

    async def count_text_tokens(self, text: str) -> int:
        """Return the exact number of tokens, without Inspect's downloaded table."""
        return len(await anyio.to_thread.run_sync(self._loaded.pool.tokenise, text))

    def max_connections(self) -> int:
        """Return one request an engine: more would only push each other's prompts out of the cache."""
        return self._loaded.parallel

    def _complete(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], config: GenerateConfig, number: int
    ) -> ModelOutput:
        loaded = replace(self._loaded, generation=_generation(config))
        sampling = loaded.sampling(tools, number if config.seed is None else config.seed)
        probs = max(1, config.top_logprobs or 0) if config.logprobs else 0
        stop = (*sampling.stop, *(config.stop_seqs or ()))
        sampling = replace(sampling, n_probs=probs, stop=stop, top_k=config.top_k or 0)
        done = loaded.pool.complete(loaded.prompt(messages, tools), sampling)
        return _output(self.model_name, loaded.message(done.text, tools, number), done)


def _generation(config: GenerateConfig) -> Generation:
    """Return the settings; what is absent is plain sampling at temperature 1."""
    given: dict[str, Any] = {
        "temperature": config.temperature,
        "top_p": config.top_p,
        "max_tokens": config.max_tokens or MAX_TOKENS,
    }
    return Generation.model_construct(None, **given, effort=None)  # Inspect lets pass more than a study may ask


def _output(model: str, reply: Message, done: Completion) -> ModelOutput:
    calls = [InspectCall(id=c.id, function=c.function, arguments=dict(c.arguments)) for c in reply.tool_calls]
    reason: StopReason = "max_tokens" if done.stop == "limit" else "tool_calls" if calls else "stop"
    message = ChatMessageAssistant(content=reply.content, tool_calls=calls or None, model=model, source="generate")
    read = Logprobs(content=[_logprob(t) for t in done.logprobs]) if done.logprobs else None
    fresh, wrote = done.prompt_tokens - done.cached_tokens, len(done.tokens)
    usage = ModelUsage(
        input_tokens=fresh, input_tokens_cache_read=done.cached_tokens, output_tokens=wrote,
        total_tokens=done.prompt_tokens + wrote,
    )  # fmt: skip
    choice = ChatCompletionChoice(message=message, stop_reason=reason, logprobs=read)
    return ModelOutput(model=model, choices=[choice], usage=usage)


def _logprob(token: TokenLogprob) -> Logprob:
    top = [TopLogprob(token=t.text, logprob=t.logprob) for t in token.top]
    return Logprob(token=token.text, logprob=token.logprob, top_logprobs=top)


def _ours(message: ChatMessage) -> Message:
    """Return our form of a message. Raises ValueError where it holds an image, a sound or a file."""
    if isinstance(message.content, list):
        others = sorted({part.type for part in message.content} - {"text", "reasoning"})
        if others:
            raise ValueError(f"the embedded model reads text only; a {message.role} message holds {', '.join(others)}")
    raw = message.model_dump(exclude_none=True)
    return Message.from_json({k: raw[k] for k in ("role", "content", "tool_calls", "tool_call_id") if k in raw})


def _specs(tools: Sequence[ToolInfo]) -> list[ToolSpec]:
    return [ToolSpec(t.name, t.description, t.parameters.model_dump(exclude_none=True)) for t in tools]


__all__ = ["OffswitchAPI"]
