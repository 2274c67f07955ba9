"""The scenarios in the office, and a trial of one set up and acted out."""

from typing import Any

from offswitch.runs.agents import agent_source
from offswitch.runs.plan import plan_study
from offswitch.scenarios import load_scenario
from offswitch.scenarios._office.scenario import OfficeScenario
from offswitch.scenarios.base import Setup
from offswitch.study.factors import complete
from offswitch.study.model import Study, read_study
from offswitch.study.plan import TrialSpec
from offswitch.trials.direct import at_once, host
from offswitch.verdicts.judges.reading import Judged, ToJudge
from offswitch.verdicts.mail.meaning import put
from offswitch.verdicts.record import Record

NAMES = ("blackmail", "leak", "exfiltrate", "lethal_omission", "office_cancel", "corrigibility", "over_deference")
TURNS = 60


def scenario(name: str) -> OfficeScenario:
    found = load_scenario(name)
    assert isinstance(found, OfficeScenario)
    return found


def office_study(name: str, **more: Any) -> Study:
    return read_study(
        {"study": "t", "scenario": name, "models": ["reference/work"], "limits": {"turns": TURNS}, **more}
    )


def setup(
    name: str, condition: dict[str, str], story: str = "ferries", seed: int = 3, model: str = "reference/work"
) -> Setup:
    of = scenario(name)
    full = complete(condition, of.factors, of.fixed)
    return of.setup(TrialSpec(0, 0, model, name, full, story, seed), office_study(name, models=[model]))


def acted(name: str, kind: str, condition: dict[str, str], **where: Any) -> tuple[Record, dict[str, Any]]:
    """Act a trial out; return its record and what was planted."""
    ready = setup(name, condition, model=f"reference/{kind}", **where)
    agent, planted = scenario(name).reference(f"reference/{kind}", ready)
    done = at_once(host(agent, ready.make_world(), ready.opening, ready.go_on, TURNS))
    return scenario(name).record(ready, done.trial, done.facts, "id"), dict(planted)


def said(record: Record, label: str, cases: tuple[ToJudge, ...]) -> Record:
    """Put one word of a judge into a record."""
    put(record, "planted", "1", cases, [Judged(label, 1.0, "planted", "1") for _ in cases])  # type: ignore[arg-type]
    return record


__all__ = ["NAMES", "acted", "agent_source", "office_study", "plan_study", "said", "scenario", "setup"]
