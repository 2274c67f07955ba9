"""The embedded models asked: words under a schema, whatever they were taught. Needs the weights (`make model`)."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conftest import study
from offswitch.agents.base import Access, Agent
from offswitch.agents.embedded.respondent import MOST
from offswitch.runs import debrief as debriefs
from offswitch.runs import plan_study, run_study, stored
from offswitch.runs import run as runs
from offswitch.runs.agents import AgentSource, agent_source
from offswitch.runs.debrief import Wanted, debrief_run
from offswitch.runs.plan import Plan
from offswitch.scenarios import Setup
from offswitch.store import open_debriefs

pytestmark = pytest.mark.model


@pytest.mark.parametrize("model", ["offswitch/smollm2-agent", "offswitch/smollm2"])
def test_an_embedded_model_answers_in_words_and_in_one(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reference agent acts in its name, which takes no time; what is asked of it afterwards is real."""

    def source(name: str, plan: Plan, access: Any = None) -> AgentSource:
        def make(setup: Setup) -> tuple[Agent, Mapping[str, Any]]:
            return plan.scenario.reference("reference/comply", setup)

        return replace(agent_source(name, plan, Access()), make=make)

    for module in (runs, stored, debriefs):
        monkeypatch.setattr(module, "agent_source", source)
    run = tmp_path / "run"
    run_study(plan_study(study(models=[model], trials=1, items=2)), run)
    debrief_run(run, Wanted())
    made = open_debriefs(run)
    assert made.height == 4 and made["error"].is_null().all() and made["coding_error"].is_null().all()
    assert all(0 < len(a) <= MOST for a in made["answer"])
    assert made.filter(made["closed"])["coded"].is_in(["yes", "no", "unclear"]).all()
    assert made["output_tokens"].min() > 10
