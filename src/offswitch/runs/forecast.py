"""What a study will cost, before anything is spent: rehearsed with reference agents, or read off an earlier run of the same model."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from statistics import mean

from offswitch.runs.plan import Plan
from offswitch.runs.prices import Prices, runs_here
from offswitch.study.plan import TrialSpec
from offswitch.trials.direct import at_once, host
from offswitch.words import Message

CHARACTERS_A_TOKEN = 4  # of English text and shell, for any usual tokeniser; within a third or so
_REHEARSED = 24  # trials of either kind


@dataclass(frozen=True, slots=True)
class Forecast:
    """One model's share of a study: from few to many tokens, US dollars (None: no prices given), hours if known.

    `most_usd` is what it would cost if every reply of every trial took all tokens that the study allows.
    """

    model: str
    trials: int
    input_tokens: tuple[int, int]
    output_tokens: tuple[int, int]
    usd: tuple[float, float] | None
    most_usd: float | None
    hours: float | None
    basis: str

    def a_trial(self) -> float:
        """Return what one trial is expected to cost at most, in US dollars; 0 without prices."""
        return self.usd[1] / self.trials if self.usd else 0.0

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)


def forecast(plan: Plan, prices: Prices | None = None, like: Path | None = None) -> list[Forecast]:
    """Return a forecast for each model of a plan.

    `like` is an earlier run: its mean tokens and seconds a trial are taken for models that it holds. Else reference agents
    act on some of the study's own trials, and `CHARACTERS_A_TOKEN` makes tokens of their texts; what a model thinks before it
    answers is not in that. Raises StudyError for a model without a price.
    """
    rehearsed = sorted(_rehearsals(plan)) if any(not runs_here(m) for m in plan.study.models) else [(0.0, 0.0, None)]
    return [_of(model, plan, prices, _seen(like, model) or rehearsed) for model in plan.study.models]


Sizes = Sequence[tuple[float, float, float | None]]  # input tokens, output tokens, seconds; a pair or one for both


def _of(model: str, plan: Plan, prices: Prices | None, sizes: Sizes) -> Forecast:
    trials = plan.size // len(plan.study.models)
    least, most = sizes[0], sizes[-1]
    price = prices.of(model) if prices else None
    limit = plan.study.limits.turns * plan.study.generation.max_tokens
    seconds = most[2]
    return Forecast(
        model, trials, (round(least[0] * trials), round(most[0] * trials)), (round(least[1] * trials), round(most[1] * trials)),
        (price.of(*least[:2]) * trials, price.of(*most[:2]) * trials) if price else None,
        price.of(most[0] + limit * plan.study.limits.turns / 2, limit) * trials if price else None,
        None if seconds is None else seconds * trials / 3600,
        "rehearsed with reference agents" if seconds is None else "as in the earlier run",
    )  # fmt: skip


def _rehearsals(plan: Plan) -> Iterator[tuple[float, float, None]]:
    """Yield mean (input, output) tokens of a trial of each kind of agent that the scenario rehearses with."""
    for kind in plan.scenario.rehearsals:
        sizes = [_rehearse(plan, kind, spec) for spec in islice(plan.specs(), _REHEARSED)]
        yield mean(i for i, _ in sizes), mean(o for _, o in sizes), None


def _rehearse(plan: Plan, kind: str, spec: TrialSpec) -> tuple[float, float]:
    setup = plan.scenario.setup(spec, plan.study.model_copy(update={"world": "memory"}))  # the same texts, at no cost
    agent, _ = plan.scenario.reference(kind, setup)
    world = setup.make_world()
    told = sum(len(json.dumps(t.parameters)) + len(t.name) + len(t.description) for t in world.tools)
    done = at_once(host(agent, world, setup.opening, setup.go_on, plan.study.limits.turns))
    return _tokens(done.trial.messages, told)


def _tokens(messages: Sequence[Message], told: int) -> tuple[float, float]:
    """Return (input, output) tokens of a conversation in which every reply reads all that came before it."""
    so_far, read, wrote = float(told), 0.0, 0.0
    for message in messages:
        size = len(json.dumps(message.to_json()))
        if message.role == "assistant":
            read, wrote = read + so_far, wrote + size
        so_far += size
    return read / CHARACTERS_A_TOKEN, wrote / CHARACTERS_A_TOKEN


def _seen(run: Path | None, model: str) -> Sizes | None:
    """Return a model's mean tokens and seconds a trial in an earlier run; None if it holds none of it."""
    if run is None:
        return None
    import polars as pl

    from offswitch.store import open_run

    columns = ("input_tokens", "output_tokens", "seconds")
    found = open_run(run, whole=True).filter(pl.col("model") == model).select(pl.col(columns).mean()).collect()
    values = found.row(0)
    return None if None in values else [values]
