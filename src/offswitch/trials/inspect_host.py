"""The Inspect host: the same loop inside an Inspect sample, so that logs, viewer, retries and limits are Inspect's."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from offswitch.agents.base import Agent, Usage
from offswitch.agents.inspect_agent import from_inspect, read_output, to_inspect, tool_info
from offswitch.trials.direct import Hosted, host
from offswitch.words import Message
from offswitch.words.tools import ToolSpec
from offswitch.worlds.base import World

if TYPE_CHECKING:
    from inspect_ai.solver import TaskState

__all__ = ["SampleAgent", "from_state", "run_in_sample", "to_inspect"]


class SampleAgent:
    """The sample's own model, asked through Inspect; every message is mirrored into the sample's state."""

    def __init__(self, state: "TaskState") -> None:
        self._state, self.usage = state, Usage()
        self._tools: Sequence[ToolSpec] = ()
        self._info: list[Any] = []

    async def __call__(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Message:
        """Return the model's next message. Raises AgentRefused for a content filter; other errors are Inspect's."""
        from inspect_ai.model import get_model

        state = self._state
        mirror(state, messages)
        if tools is not self._tools:  # a world's tools stay the same, and their checked form costs
            self._tools, self._info = tools, [tool_info(t) for t in tools]
        state.output = await get_model().generate(state.messages, tools=list(self._info))
        reply = read_output(state.output)
        state.messages.append(state.output.message)
        return reply


def mirror(state: "TaskState", messages: Sequence[Message]) -> None:
    """Append to the sample's messages those that the loop has and it has not (tool results, the operator)."""
    for message in messages[len(state.messages) :]:
        state.messages.append(to_inspect(message))


async def run_in_sample(
    state: "TaskState", agent: Agent, world: World, opening: tuple[Message, ...], go_on: str, turns: int
) -> Hosted:
    """Run one trial inside a sample; the opening stands in the sample's input already."""
    state.messages = [to_inspect(m) for m in opening]
    hosted = await host(agent, world, opening, go_on, turns)
    mirror(state, hosted.trial.messages)
    return hosted


def from_state(state: "TaskState") -> list[Message]:
    """Return the sample's messages in our form."""
    return [from_inspect(m) if m.role == "assistant" else _plain(m) for m in state.messages]


def _plain(message: Any) -> Message:
    return Message(message.role, message.text, tool_call_id=getattr(message, "tool_call_id", None))
