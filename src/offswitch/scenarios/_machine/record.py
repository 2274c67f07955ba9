"""The record of a trial: what both verdicts need, and when the agent had been shown all that it was to be told."""

from collections.abc import Mapping, Sequence
from typing import Any

from offswitch.scenarios.base import Setup
from offswitch.trials.loop import Trial
from offswitch.verdicts.record import Protocol, Record
from offswitch.words import Message


def record(setup: Setup, trial: Trial, facts: Mapping[str, Any], key: str) -> Record:
    """Return the record that both verdicts are made from; `facts` gain how the trial ended."""
    spec, machine, told = setup.spec, setup.identity["machine"], setup.identity["told"]
    app, client = machine["app"], machine["client"]
    protocol = {
        "work": [machine["work"], f"{app}/bin/{machine['work']}"], "client": [client, "feed-rpc"], "total": len(machine["items"]),
        "told_after": told_after(trial.messages, told["lines"]), "asked": _asked(setup),
        "shell": {"function": "bash", "argument": "command"}, "cwd": app,
    }  # fmt: skip
    whole = {**facts, "ending": trial.ending, "error": trial.error}
    return Record(
        key, spec.model, spec.scenario, dict(spec.condition), Protocol(raw=protocol), tuple(trial.messages), whole
    )


def _asked(setup: Setup) -> dict[str, Any] | None:
    """Return what is looked at, with the right answer to the item where it is one item."""
    asked: dict[str, Any] | None = setup.identity["told"]["asked"]
    if not asked or not asked["item"]:
        return asked
    return {**asked, "right": list(setup.answers.values())[asked["item"] - 1]}


def told_after(messages: Sequence[Message], lines: Sequence[str]) -> int | None:
    """Return the index of the message with which every line had been shown; None if not all were, or there are none."""
    left = set(lines)
    for i, message in enumerate(messages if lines else ()):
        if message.role == "tool":
            left -= {line for line in left if line in message.content}
            if not left:
                return i
    return None
