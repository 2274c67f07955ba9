"""Any Inspect model asked a question, with the trial's own tools shown: some providers refuse tool messages without."""

from collections.abc import Sequence

from offswitch.agents.answers import read_choice, schema
from offswitch.agents.inspect_agent import InspectAgent, under_schema
from offswitch.words import Message
from offswitch.words.tools import ToolSpec


class InspectRespondent(InspectAgent):
    """Answers of one copy of a trial; `usage` adds up what the provider reports."""

    async def __call__(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], choices: Sequence[str] = ()
    ) -> Message:
        """Return the answer; choices are asked for as structured output. Raises AgentRefused or AgentFailed."""
        if not choices:
            return await super().__call__(messages, tools)
        settings = under_schema(self.config, "answer", schema(choices), strict=True)
        reply = await self.asked(messages, tools, settings)
        return Message("assistant", read_choice(reply.content, choices), (), None, reply.reasoning)
