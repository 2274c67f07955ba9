"""From a model's name to whatever makes an agent of it for one trial."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from offswitch.agents.answers import Respondent
from offswitch.agents.base import Access, Agent
from offswitch.runs.plan import Plan
from offswitch.scenarios import Setup

_AT_ONCE = 10  # trials; requests are limited by Inspect's own max_connections
PLAIN = Access()
Make = Callable[[Setup], tuple[Agent, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class AgentSource:
    """Makes the agent of each trial. `scripted` ones never wait and may run in any process; of others `parallel` at once.

    `check` raises StudyError if the model does not answer; it is awaited once, before any trial; `close` after the last. `ask`
    makes, of a seed, what answers questions after a trial; scripted agents have none.
    """

    make: Make
    scripted: bool = False
    interface: str = "tools"
    weights: str | None = None
    provider_id: str | None = None
    parallel: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    check: Callable[[], Awaitable[None]] | None = None
    close: Callable[[], Awaitable[None]] | None = None
    ask: Callable[[int], Respondent] | None = None


def is_scripted(model: str) -> bool:
    """Return whether a model's name is that of a reference agent."""
    return model.startswith("reference/")


def agent_source(model: str, plan: Plan, access: Access = PLAIN) -> AgentSource:
    """Return the source for `reference/…`, `offswitch/…` (embedded), or any Inspect model name.

    Raises an error in words for people if the model cannot be reached or loaded.
    """
    if is_scripted(model):
        return _reference(model, plan)
    if model.startswith("offswitch/"):
        return _embedded(model, plan)
    return _inspect(model, plan, access)


def _reference(model: str, plan: Plan) -> AgentSource:
    def make(setup: Setup) -> tuple[Agent, Mapping[str, Any]]:
        return plan.scenario.reference(model, setup)

    return AgentSource(make, scripted=True)


def _embedded(model: str, plan: Plan) -> AgentSource:
    from offswitch.agents.embedded.agent import load_agent
    from offswitch.agents.embedded.respondent import EmbeddedRespondent

    loaded = load_agent(model, plan.study.generation, plan.study.interface)
    return AgentSource(
        lambda setup: (loaded.fresh(setup.spec.seed + setup.spec.index), {}), interface=loaded.interface,
        weights=loaded.weights_sha256, provider_id=loaded.name,
        parallel=loaded.parallel, ask=lambda seed: EmbeddedRespondent(loaded, seed),
    )  # fmt: skip


def _inspect(model: str, plan: Plan, access: Access) -> AgentSource:
    from offswitch.agents.inspect_agent import InspectAgent, answers, reach
    from offswitch.agents.inspect_constrained import ConstrainedAgent
    from offswitch.agents.inspect_respondent import InspectRespondent

    reached, interface = reach(model, access), plan.study.interface or "tools"
    kind = ConstrainedAgent if interface == "constrained" else InspectAgent
    return AgentSource(
        lambda setup: (kind(reached, plan.study.generation), {}), interface=interface, provider_id=reached.name,
        parallel=access.connections or _AT_ONCE, options=access.shown(),
        check=None if model.startswith("mockllm/") else partial(answers, reached),
        close=reached.api.aclose, ask=lambda seed: InspectRespondent(reached, plan.study.generation),
    )  # fmt: skip


@contextmanager
def used(sources: Collection[AgentSource], loop: asyncio.Runner) -> Iterator[None]:
    """Check that every model answers (StudyError if one does not), and give back its connections at the end."""
    try:
        check_models(sources, loop)
        yield
    finally:
        for source in sources:
            if source.close is not None:
                loop.run(_awaited(source.close()))


def check_models(sources: Iterable[AgentSource], loop: asyncio.Runner) -> None:
    """Ask each model for a word. Raises StudyError if one does not answer."""
    for source in sources:
        if source.check is not None:
            loop.run(_awaited(source.check()))


async def _awaited(work: Awaitable[None]) -> None:
    await work
