"""An Inspect model that acts under a JSON schema, for models that call no tools (`interface: constrained`).

The form is that of the embedded model (`embedded/constrained.py`); the schema is asked for through Inspect's structured
output, which vLLM, SGLang, llama.cpp's server and most vendors hold the model to.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from offswitch.agents.embedded.constrained import plain_schema, read_action, told, write_action
from offswitch.agents.inspect_agent import InspectAgent, read_output, under_schema
from offswitch.study.model import Generation
from offswitch.words import Message
from offswitch.words.tools import ToolSpec

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessage, Model


class ConstrainedAgent(InspectAgent):
    """One trial's agent; each message is one JSON object, a thought and one call."""

    def __init__(self, model: "Model", generation: Generation) -> None:
        super().__init__(model, generation)
        self._numbers = count(1)

    async def __call__(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Message:
        """Ask the model for its next action. Raises as InspectAgent does; what is no action is text without a call."""
        settings = under_schema(self.config, "action", plain_schema(tools))
        output = await self._ask(list(_written(messages, tools)), [], settings)
        self._count(output)
        answer = read_output(output)
        action = read_action(answer.content, tools, next(self._numbers))
        return replace(action, reasoning=answer.reasoning, cut=answer.cut)


def _written(messages: Sequence[Message], tools: Sequence[ToolSpec]) -> "Iterator[ChatMessage]":
    """Yield the conversation as plain chat: actions as the objects they were, what tools answered as the user's words."""
    from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageUser

    for i, message in enumerate(messages):
        text = message.content if i else f"{message.content}\n\n{told(tools)}"
        if message.role == "assistant":
            yield ChatMessageAssistant(content=write_action(message, tools))
        elif message.role == "system":
            yield ChatMessageSystem(content=text)
        else:
            yield ChatMessageUser(content=text)
