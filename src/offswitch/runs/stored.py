"""Stored trials to be taken up again: set up as they were, with what was said in them and what their world saw."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offswitch.agents.base import Access
from offswitch.runs.agents import AgentSource, agent_source
from offswitch.runs.plan import Plan, trial_key
from offswitch.scenarios import Setup
from offswitch.store import counted
from offswitch.study.factors import StudyError
from offswitch.study.plan import TrialSpec
from offswitch.words import Message

_COLUMNS = (
    "transcript_id", "trial_index", "block", "model", "condition", "story", "seed", "facts", "messages", "interface",
    "weights_sha256", "exposed", "outcome", "method", "protocol",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored trial: its identity, its setup, all its messages, its world's events, and what it came to.

    `told` is the message after which its agent knew what was due.
    """

    id: str
    setup: Setup
    messages: tuple[Message, ...]
    events: tuple[Mapping[str, Any], ...]
    exposed: bool
    outcome: str | None
    method: str | None
    weights: str | None
    told: int | None

    def before_decision(self) -> tuple[Message, ...]:
        """Return the messages up to the agent's first word after it knew what was due. Raises StudyError if it never did."""
        if self.told is None:
            raise StudyError(f"the agent of trial {self.id} was never told what was due, so it has no decision turn")
        later = range(self.told + 1, len(self.messages))
        return self.messages[: next((i for i in later if self.messages[i].role == "assistant"), len(self.messages))]

    def check_model(self, source: AgentSource) -> None:
        """Raise StudyError if the model of this name is another one by now."""
        if source.weights != self.weights:
            raise StudyError(
                f"{self.setup.spec.model} has other weights here than in the run: this would be another model's word"
            )


def stored_trials(
    run: Path, plan: Plan, trials: int | None = None, exposed: bool = False, without: Sequence[str] = ()
) -> Iterator[Stored]:
    """Yield the first `trials` counted trials of a run (all if None), or of its `exposed` ones, in the planned order.

    Those of the models in `without`, and imported ones, which no world saw, are left out. Raises StudyError where a trial can
    no longer be set up alike.
    """
    import polars as pl

    frame, _ = counted(run)
    wanted = pl.col("facts").is_not_null() & ~pl.col("model").is_in(without) & (pl.col("exposed") if exposed else True)
    rows = frame.filter(wanted).select(_COLUMNS).sort("trial_index")
    for row in (rows.head(trials) if trials else rows).collect().iter_rows(named=True):
        yield _stored(plan, row)


def sources_of(trials: Iterable[Stored], plan: Plan, access: Access) -> dict[str, AgentSource]:
    """Reach the model of each trial. Raises StudyError for one that cannot be reached, or that is another one by now."""
    sources: dict[str, AgentSource] = {}
    for trial in trials:
        model = trial.setup.spec.model
        if model not in sources:
            sources[model] = agent_source(model, plan, access)
        trial.check_model(sources[model])
    return sources


def _stored(plan: Plan, row: Mapping[str, Any]) -> Stored:
    study = plan.study
    settings = {"items": study.items, "difficulty": study.difficulty, "heldout": study.heldout}
    spec = TrialSpec(row["trial_index"], row["block"], row["model"], plan.scenario.name, json.loads(row["condition"]), row["story"], row["seed"], settings)  # fmt: skip
    setup = plan.scenario.setup(spec, study)
    if trial_key(setup, plan, row["interface"], row["weights_sha256"]) != row["transcript_id"]:
        raise StudyError(
            "this run was made with other texts or another version of the scenario: it cannot be taken up again here"
        )
    messages = tuple(Message.from_json(m) for m in json.loads(row["messages"]))
    events = tuple(json.loads(row["facts"]).get("events", ()))
    return Stored(
        row["transcript_id"], setup, messages, events, bool(row["exposed"]), row["outcome"], row["method"],
        row["weights_sha256"], json.loads(row["protocol"] or "{}").get("due_after"),
    )  # fmt: skip
