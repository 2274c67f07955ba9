"""From a model's name to whatever makes an agent of it for one trial."""

from collections.abc import Awaitable, Callable, Mapping
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

    `check` raises StudyError if the model does not answer; it is awaited once, before any trial. `ask` makes, of a seed, what
    answers questions after a trial; scripted agents have none.
    """

    make: Make
    scripted: bool = False
    interface: str = "tools"
    weights: str | None = None
    provider_id: str | None = None
    parallel: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    check: Callable[[], Awaitable[None]] | None = None
    ask: Callable[[int], Respondent] | None = None


def agent_source(model: str, plan: Plan, access: Access = PLAIN) -> AgentSource:
    """Return the source for `reference/…`, `offswitch/…` (embedded), or any Inspect model name.

    Raises an error in words for people if the model cannot be reached or loaded.
    """
    if model.startswith("reference/"):
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

    loaded = load_agent(model, plan.study.generation)
    return AgentSource(
        lambda setup: (loaded.fresh(setup.spec.seed + setup.spec.index), {}), interface=loaded.interface,
        weights=loaded.weights_sha256, provider_id=loaded.name,
        parallel=loaded.parallel, ask=lambda seed: EmbeddedRespondent(loaded, seed),
    )  # fmt: skip


def _inspect(model: str, plan: Plan, access: Access) -> AgentSource:
    from offswitch.agents.inspect_agent import InspectAgent, answers, reach
    from offswitch.agents.inspect_respondent import InspectRespondent

    reached = reach(model, access)
    return AgentSource(
        lambda setup: (InspectAgent(reached, plan.study.generation), {}), provider_id=reached.name,
        parallel=access.connections or _AT_ONCE, options=access.shown(),
        check=None if model.startswith("mockllm/") else partial(answers, reached),
        ask=lambda seed: InspectRespondent(reached, plan.study.generation),
    )  # fmt: skip
