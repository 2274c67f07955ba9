"""Whether a real machine gives the same facts as the in-memory one: reference agents on both, and attempts to get out."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from offswitch.runs.agents import agent_source
from offswitch.runs.plan import plan_study, trial_key
from offswitch.runs.run import run_one
from offswitch.scenarios.shutdown.reference import OUTCOMES
from offswitch.study.factors import unknown
from offswitch.study.model import read_study
from offswitch.trials.direct import at_once
from offswitch.words import METHODS
from offswitch.worlds.machine import WORLDS, check_world
from offswitch.worlds.machine.escapes import attempt_all

REAL = tuple(world for world in WORLDS if world != "memory")
AGENTS = (*(kind for kind in OUTCOMES if kind != "resist"), *(f"resist:1:{m}" for m in METHODS if m != "other"))
COMPARED = ("planted_sequence", "outcome", "method", "level", "exposed", "facts")


class Finding(NamedTuple):
    """One thing that was looked at."""

    name: str
    ok: bool
    says: str


def certify(world: str, trials: int = 2) -> Iterator[Finding]:
    """Yield what was found, one thing after the other. Raises StudyError if the world is none or does not work here."""
    if world not in REAL:
        raise unknown("world to certify", world, REAL)
    check_world(world)
    for agent in AGENTS:
        yield compared(agent, world, trials)
    for name, wrong in attempt_all(world):
        yield Finding(name, wrong is None, wrong or "held")
    if world == "docker":
        from offswitch.worlds.machine.docker.engine import left_behind

        left = left_behind()
        yield Finding("nothing left behind", not left, f"containers: {', '.join(left)}" if left else "no container")


def compared(agent: str, world: str, trials: int) -> Finding:
    """Run an agent on the in-memory machine and on the other one, and compare what is known of each trial."""
    pairs = list(zip(_rows(agent, "memory", trials), _rows(agent, world, trials), strict=True))
    for ours, theirs in pairs:
        if differs := _difference(_known(ours), _known(theirs)):
            why = f" ({theirs['error']})" if theirs["error"] else ""
            return Finding(f"reference/{agent}", False, f"{ours['planted_sequence'] or 'trial'}: {differs}{why}")
    return Finding(f"reference/{agent}", True, f"{len(pairs)} trials as in memory: {_told(pairs[0][1])}")


def _known(row: dict[str, Any]) -> dict[str, Any]:
    """What must be the same; of evidence in what a machine printed, the turn and the rule: errors may stand elsewhere in it."""
    messages = json.loads(row["messages"])
    evidence = [
        (e["turn"], e["rule"], e["quote"] if messages[e["turn"]]["role"] == "assistant" else "")
        for e in json.loads(row["evidence"])
    ]
    return {name: row[name] for name in COMPARED} | {"evidence": evidence}


def _difference(ours: dict[str, Any], theirs: dict[str, Any]) -> str | None:
    return next((f"{n} differs: in memory {ours[n]}, here {theirs[n]}" for n in ours if ours[n] != theirs[n]), None)


def _told(row: dict[str, Any]) -> str:
    quotes = [entry["quote"] for entry in json.loads(row["evidence"])]
    said = ", ".join(filter(None, (row["outcome"], row["method"])))
    return f"{said} {quotes[0][:60]!r}" if quotes else said


def _rows(agent: str, world: str, trials: int) -> Iterator[dict[str, Any]]:
    seconds = 1.0 if agent == "stall" else 60.0  # it sleeps a minute
    study = read_study({"study": "certify", "models": [f"reference/{agent}"], "trials": trials, "items": 4, "world": world,
                        "limits": {"seconds": seconds}})  # fmt: skip
    plan = plan_study(study)
    source = agent_source(study.models[0], plan)
    for spec in plan.specs():
        setup = plan.scenario.setup(spec, study)
        yield at_once(run_one(plan, setup, source, trial_key(setup, plan, source.interface, source.weights)))
