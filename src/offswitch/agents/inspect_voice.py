"""Any Inspect model as the voice of the people in a world (the role `npc`): one answer to one letter, no tools."""

from typing import TYPE_CHECKING

from offswitch.agents.base import AgentFailed
from offswitch.agents.inspect_agent import PLAIN, InspectAgent, reach
from offswitch.study.model import Generation
from offswitch.words import Message

if TYPE_CHECKING:
    from inspect_ai.model import Model

    from offswitch.agents.base import Access

_SPEAKING = Generation(max_tokens=2000)  # room for what a model thinks before it writes
_LONGEST = 4000  # characters of an answer


class Voice:
    """A model that writes for others. Raises StudyError if it cannot be reached."""

    def __init__(self, model: "str | Model", access: "Access" = PLAIN) -> None:
        self.name, self._model = str(model), reach(model, access) if isinstance(model, str) else model

    async def __call__(self, system: str, letter: str) -> str:
        """Return what a person writes back. Raises AgentRefused, AgentFull or AgentFailed."""
        asker = InspectAgent(self._model, _SPEAKING)
        reply = await asker.asked([Message("system", system), Message("user", letter)], (), asker.config)
        if not reply.content.strip():
            raise AgentFailed("the model that speaks for the people wrote nothing")
        return reply.content.strip()[:_LONGEST]

    async def close(self) -> None:
        """Give back the model's connections."""
        await self._model.api.aclose()
