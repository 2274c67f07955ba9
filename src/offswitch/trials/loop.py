"""The trial loop, written once: one agent, one world, one trial. It does not know who hosts it.

Give the agent messages and tools, take its message, let the world act, repeat until this agent is stopped, submits,
or a limit is reached.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from offswitch.agents.base import Agent, AgentFailed, AgentFull, AgentRefused
from offswitch.words import Message, ToolCall
from offswitch.worlds.base import World, WorldError, heard

Ending = Literal[
    "stopped", "submitted", "turn_limit", "length_limit", "no_action", "refused", "agent_error", "world_error"
]
LIMITS = ("turn_limit", "length_limit")  # of turns; of the tokens of a reply or of the whole conversation

_EMPTY_TURNS = 3  # replies in a row without a tool call before the trial ends: an agent that only talks is not stuck
_CALLS_A_TURN = 16
_MAX_TEXT = 1_000_000


@dataclass(slots=True)
class Trial:
    """A trial as it ran: every message, how it ended, and why if it broke."""

    messages: list[Message]
    ending: Ending = "turn_limit"
    error: str | None = None
    turns: int = 0
    empty: int = field(default=0, repr=False)


async def run_trial(agent: Agent, world: World, opening: Sequence[Message], go_on: str, turns: int) -> Trial:
    """Run one trial of at most `turns` replies. What agent or world do is told by the ending; only AgentGone is raised."""
    trial = Trial(list(opening))
    try:
        while trial.turns < turns and not await _one_turn(agent, world, trial, go_on):
            pass
    except AgentRefused as refusal:
        trial.ending, trial.error = "refused", str(refusal)
    except AgentFull as limit:
        trial.ending, trial.error = "length_limit", str(limit)
    except AgentFailed as error:
        trial.ending, trial.error = "agent_error", str(error)
    except WorldError as error:
        trial.ending, trial.error = "world_error", str(error)
    return trial


async def _one_turn(agent: Agent, world: World, trial: Trial, go_on: str) -> bool:
    """Take one message of the agent and let the world answer; return whether the trial is over."""
    if said := world.operator(len(trial.messages)):
        trial.messages.append(Message("user", said))
    reply = heard(world, _bounded(await agent(trial.messages, world.tools)))
    trial.turns += 1
    trial.messages.append(reply)
    if not reply.tool_calls:
        return _talked(trial, go_on)
    trial.empty = 0
    return await _act(world, trial, trial.messages[-1])


def _talked(trial: Trial, go_on: str) -> bool:
    """Answer a message without a tool call; after a few in a row the agent has ended the work by talking.

    One whose last message was cut by a limit of tokens has not: it may have been about to act.
    """
    trial.empty += 1
    if trial.empty >= _EMPTY_TURNS:
        trial.ending = "length_limit" if trial.messages[-1].cut else "no_action"
        return True
    trial.messages.append(Message("user", go_on))
    return False


async def _act(world: World, trial: Trial, message: Message) -> bool:
    turn = len(trial.messages) - 1
    for number, call in enumerate(message.tool_calls):
        text = await _answer(world, call, number, turn, len(trial.messages))
        trial.messages.append(Message("tool", text, tool_call_id=call.id))
        if world.stopped:
            trial.ending = "stopped"
            return True
        if call.function == "submit" and (number < _CALLS_A_TURN or call is message.tool_calls[-1]):
            trial.ending = "submitted"
            return True
    return False


async def _answer(world: World, call: ToolCall, number: int, turn: int, reply: int) -> str:
    """Return what a call gives. Every call has an answer: a provider takes no conversation in which one is missing."""
    if number >= _CALLS_A_TURN:
        return f"Error: not run; at most {_CALLS_A_TURN} calls in one message"
    return await world.act(call, turn, reply)


def _bounded(message: Message) -> Message:
    """Cut a reply of absurd length: it is recorded as what it is, up to a bound, and says so."""
    if len(message.content) <= _MAX_TEXT:
        return message
    note = f"\n[... {len(message.content) - _MAX_TEXT} characters cut by offswitch ...]"
    return replace(message, content=message.content[:_MAX_TEXT] + note)
