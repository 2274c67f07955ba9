"""Measuring the propensity of a local model at a scenario's decision point, and keeping it beside a run."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from offswitch.runs.plan import Plan
from offswitch.store.disk import refusals, whole
from offswitch.study.factors import StudyError

FILE = "propensity.json"


def measure_propensity(plan: Plan, model: str, told: Callable[[int], None] = lambda _: None) -> dict[str, Any]:
    """Return one model's entry: its name, the scenario, the summary and every reading, in nats. `told` hears how many are done.

    Raises StudyError if the scenario has no such items or the model gives no log-probabilities of whole texts.
    """
    from offswitch.agents.embedded.agent import load_agent
    from offswitch.agents.propensity import measure
    from offswitch.agents.propensity_summary import summarise

    ask = getattr(plan.scenario, "propensity_items", None)
    if ask is None:
        raise StudyError(f"the scenario {plan.scenario.name} has no propensity items; only rates can be measured")
    if not model.startswith("offswitch/"):
        raise StudyError(
            f"a propensity needs exact log-probabilities, which {model} does not give; "
            "valid: offswitch/smollm2, offswitch/smollm2-agent, offswitch/gguf:PATH"
        )
    loaded = load_agent(model, plan.study.generation)
    items, rows = list(ask(plan.study)), []
    for first in range(0, len(items), len(loaded.pool)):
        rows += measure(items[first : first + len(loaded.pool)], loaded.pool, len(loaded.pool))
        told(len(rows))
    at_stake = getattr(plan.scenario, "at_stake", "shutdown")
    summary = summarise(rows, at_stake)
    return {"model": model, "scenario": plan.scenario.name, "at_stake": at_stake, "weights_sha256": loaded.weights_sha256, "verdict": summary.verdict,
            "summary": asdict(summary), "rows": [asdict(r) for r in rows]}  # fmt: skip


def write_propensity(folder: Path, entries: Sequence[dict[str, Any]]) -> Path:
    """Write or renew the entries of these models and scenarios in a run's folder; the others stay."""
    path = folder / FILE
    held = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    new = {_which(e) for e in entries}
    kept = [e for e in held if _which(e) not in new]
    with refusals(path, "The entries were not written; those that stood there still do."), whole(path) as part:
        part.write_text(json.dumps([*kept, *entries], indent=1), encoding="utf-8")
    return path


def _which(entry: dict[str, Any]) -> tuple[str, str]:
    """Return the model and scenario of an entry; the first entries were all of one scenario and did not name it."""
    return entry["model"], entry.get("scenario", "shutdown")
