"""From a trial that ran to its row in the store: judged from the world, and a second time from its transcript alone."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from offswitch import __version__
from offswitch.runs.plan import Plan
from offswitch.runs.roles import REASONS_READ
from offswitch.scenarios import Setup
from offswitch.trials.direct import Hosted
from offswitch.trials.loop import Trial
from offswitch.verdicts import VERDICT_VERSION
from offswitch.verdicts.reasons.reader import Reading
from offswitch.verdicts.record import Record
from offswitch.words import Verdict

_HOW_IT_ENDED = ("ending", "error")  # columns of their own
_LIMIT = {"turn_limit": "turns", "length_limit": "tokens"}


@dataclass(frozen=True, slots=True)
class Ran:
    """How a trial was carried out, beside what happened in it."""

    key: str
    seconds: float = 0.0
    input_tokens: int | None = None
    output_tokens: int | None = None
    interface: str = "tools"
    weights_sha256: str | None = None
    provider_model_id: str | None = None
    prompt_tokens: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


async def judged_row(plan: Plan, setup: Setup, hosted: Hosted, planted: Mapping[str, Any], ran: Ran) -> dict[str, Any]:
    """Let the study's judge read what was sent, if it names one, and return the trial's row."""
    record = plan.scenario.record(setup, hosted.trial, hosted.facts, ran.key)
    return make_row(plan, setup, hosted, await plan.roles.read(plan.scenario, record), planted, ran)


def make_row(
    plan: Plan, setup: Setup, hosted: Hosted, record: Record, planted: Mapping[str, Any], ran: Ran
) -> dict[str, Any]:
    """Return the trial's row. A verdict that fails is an error in its own column, never a zero."""
    trial = hosted.trial
    told = {k: v for k, v in (record.facts or {}).items() if k not in _HOW_IT_ENDED}
    facts = {**hosted.facts, **told}
    verdict = safely(plan.scenario.judge, record, ran.key)
    second = safely(plan.scenario.judge_transcript, record, ran.key)
    return (
        _scout(plan, setup, trial, verdict, ran) | _defined(plan, setup) | _judged(verdict, second, trial, facts) | _reasons(record)
        | {f"planted_{k}": planted.get(k) for k in ("kind", "p", "method", "outcome", "sequence")}
        | {f"factor_{name}": level for name, level in setup.spec.condition.items()}
        | {"facts": _json(facts), "protocol": _json(record.protocol.to_json()), "seconds": ran.seconds,
           "interface": ran.interface, "weights_sha256": ran.weights_sha256, "provider_model_id": ran.provider_model_id,
           "input_tokens": ran.input_tokens, "output_tokens": ran.output_tokens, "prompt_tokens": ran.prompt_tokens}
    )  # fmt: skip


def _scout(plan: Plan, setup: Setup, trial: Trial, verdict: Verdict, ran: Ran) -> dict[str, Any]:
    """Scout's own columns."""
    spec = setup.spec
    return {
        "transcript_id": ran.key, "source_type": "offswitch", "source_id": plan.study.study, "source_uri": "",
        "date": datetime.now(UTC).isoformat(timespec="seconds"), "task_set": f"offswitch/{plan.scenario.name}",
        "task_id": f"{spec.story}/{spec.seed}", "task_repeat": spec.block, "agent": "offswitch", "model": spec.model,
        "model_options": _json(plan.settings[0] | dict(ran.options)), "score": _json(verdict.outcome),
        "success": verdict.positive if verdict.valid else None, "message_count": len(trial.messages),
        "total_time": ran.seconds, "total_tokens": (ran.input_tokens or 0) + (ran.output_tokens or 0),
        "error": verdict.error or trial.error, "limit": _LIMIT.get(trial.ending),
        "trust_content": False, "messages": _json([m.to_json() for m in trial.messages]),
    }  # fmt: skip


def _defined(plan: Plan, setup: Setup) -> dict[str, Any]:
    """What defines the trial."""
    spec, study = setup.spec, plan.study
    return {
        "run_id": study.study, "study": study.study, "expression": plan.scenario.expression,
        "scenario": plan.scenario.name, "scenario_version": plan.scenario.version, "condition": _json(dict(spec.condition)),
        "story": spec.story, "paraphrase": setup.paraphrase, "item_set": setup.item_set, "difficulty": setup.difficulty,
        "seed": spec.seed, "trial_index": spec.index, "block": spec.block, "world": study.world,
        "temperature": study.generation.temperature, "effort": study.generation.effort,
        "max_tokens": study.generation.max_tokens, "actor": "agent", "beneficiary": spec.condition.get("target", "self"),
        "episode": 0, "operator_preference": _preference(spec.condition), "offswitch_version": __version__, "imported": False,
    }  # fmt: skip


def _judged(verdict: Verdict, second: Verdict, trial: Trial, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Both verdicts."""
    read = verdict.outcome is not None
    return {
        "outcome": verdict.outcome, "level": verdict.level, "method": verdict.method, "exposed": verdict.exposed,
        "tried": verdict.tried if read else None, "positive": verdict.positive if read else None,
        "decided": None, "valid": verdict.valid, "engaged": any(m.tool_calls for m in trial.messages),
        "opportunity": verdict.exposed if verdict.opportunity is None else verdict.exposed and verdict.opportunity,
        "basis": verdict.basis, "judge": verdict.judge, "judge_score": verdict.judge_score, "judge_version": version_of(verdict),
        "evidence": _json([{"turn": e.turn, "quote": e.quote, "rule": e.rule} for e in verdict.evidence]),
        "transcript_outcome": second.outcome, "transcript_method": second.method, "transcript_error": second.error,
        "finished": bool(facts.get("finished")), "ending": trial.ending, "turns": trial.turns,
        "reasoning_visible": any(m.reasoning for m in trial.messages),
        "decision_turn": verdict.evidence[0].turn if verdict.tried and verdict.evidence else None,
    }  # fmt: skip


def _reasons(record: Record) -> dict[str, Any]:
    """What a judge read of the agent's reasons, and the flag that it weighed the act. A failed reading has no flag and its error."""
    found: Mapping[str, Reading] = record.readings.get(REASONS_READ, {})
    weighed = found.get("considered")
    return {
        "considered": weighed.label if weighed else None,
        "reasons": _json({n: asdict(r) for n, r in found.items()}) if found else None,
    }


def version_of(verdict: Verdict) -> str:
    """The version of the rules, and of the judge of meaning where there is one."""
    return VERDICT_VERSION if verdict.judge_version is None else f"{VERDICT_VERSION}, {verdict.judge_version}"


def safely(judge: Any, record: Any, key: str) -> Verdict:
    """A judge that breaks gives an error, which has its own count in every table."""
    try:
        result: Verdict = judge(record)
    except Exception as error:  # any failure of a reading must be stored as one, whatever its kind
        return Verdict(key, None, error=f"{type(error).__name__}: {error}")
    return result


def _preference(condition: Mapping[str, str]) -> str:
    """What the operator has said to prefer: allowing, resisting, or nothing."""
    level = condition.get("instruction", "none")
    return {"none": "none", "mention": "implied", "avoid": "opposed"}.get(level, "stated")


_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, default=str).encode
