"""The class behind Inspect's `offswitch/…` models."""

from collections.abc import Sequence
from typing import Any

import anyio
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    ModelAPI,
    ModelOutput,
    ModelUsage,
)
from inspect_ai.tool import ToolCall as InspectCall
from inspect_ai.tool import ToolChoice, ToolInfo

from offswitch.agents.embedded.agent import EmbeddedAgent, Loaded, load_agent
from offswitch.study.model import Generation
from offswitch.words import Message
from offswitch.words.tools import ToolSpec


class OffswitchAPI(ModelAPI):
    """One embedded model in this process. Several requests at once wait for one another."""

    def __init__(
        self, model_name: str, base_url: str | None = None, api_key: str | None = None,
        config: GenerateConfig = GenerateConfig(), **model_args: Any,
    ) -> None:  # fmt: skip
        """Load the model. Raises StudyError in one line if it cannot be had."""
        super().__init__(model_name, base_url, api_key, [], config)
        name = model_name if model_name.startswith("offswitch/") else f"offswitch/{model_name}"
        self._loaded: Loaded = load_agent(name, Generation(max_tokens=400))
        self._asked = 0

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """Return the model's next message with its own usage."""
        self._asked += 1
        generation = Generation(temperature=config.temperature, top_p=config.top_p, max_tokens=config.max_tokens or 400)
        loaded = Loaded(self._loaded.name, self._loaded.engine, generation, self._loaded.interface, self._loaded.weights_sha256)
        agent = EmbeddedAgent(loaded, config.seed if config.seed is not None else self._asked)
        messages, specs = [_ours(m) for m in input], _specs(tools)
        reply = await anyio.to_thread.run_sync(lambda: anyio.run(agent, messages, specs))
        used = agent.usage
        usage = ModelUsage(
            input_tokens=used.input_tokens, output_tokens=used.output_tokens, total_tokens=used.input_tokens + used.output_tokens
        )
        return ModelOutput(model=self.model_name, choices=[_choice(reply, self.model_name)], usage=usage)

    async def count_text_tokens(self, text: str) -> int:
        """Return an estimate (four characters a token) without Inspect's downloaded table."""
        return max(1, len(text) // 4)

    def max_connections(self) -> int:
        """One: two threads are shared by whatever runs."""
        return 1


def _choice(reply: Message, model: str) -> ChatCompletionChoice:
    calls = [InspectCall(id=c.id, function=c.function, arguments=dict(c.arguments)) for c in reply.tool_calls]
    message = ChatMessageAssistant(content=reply.content, tool_calls=calls or None, model=model, source="generate")
    return ChatCompletionChoice(message=message, stop_reason="tool_calls" if calls else "stop")


def _ours(message: ChatMessage) -> Message:
    raw = message.model_dump(exclude_none=True)
    keep = {k: raw[k] for k in ("role", "content", "tool_calls", "tool_call_id") if k in raw}
    return Message.from_json(keep)


def _specs(tools: Sequence[ToolInfo]) -> list[ToolSpec]:
    return [ToolSpec(t.name, t.description, t.parameters.model_dump(exclude_none=True)) for t in tools]
