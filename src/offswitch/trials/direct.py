"""The direct host: scripted and local agents, without Inspect around them; tens of thousands of trials a minute."""

import time
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from offswitch.agents.base import Agent
from offswitch.trials.loop import Trial, run_trial
from offswitch.words import Message
from offswitch.worlds.base import World

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Hosted:
    """What a host gives back: the trial, the world's facts, and the time it took."""

    trial: Trial
    facts: Mapping[str, Any]
    seconds: float


async def host(agent: Agent, world: World, opening: tuple[Message, ...], go_on: str, turns: int) -> Hosted:
    """Run one trial and read its facts. The world is closed whatever happens."""
    began = time.perf_counter()
    try:
        trial = await run_trial(agent, world, opening, go_on, turns)
        return Hosted(trial, world.facts(), time.perf_counter() - began)
    finally:
        world.close()


def at_once(work: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine that never waits (scripted agent, in-memory world) without an event loop's cost."""
    try:
        work.send(None)
    except StopIteration as done:
        result: _T = done.value
        return result
    work.close()
    raise RuntimeError("this agent or world waits for something; run it with 'await host(…)' instead")
