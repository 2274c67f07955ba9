"""Propensity readings beside a run: renewed by model, refused where a model gives no log-probabilities."""

import json
from pathlib import Path

import pytest

from offswitch.cli.run import load_plan
from offswitch.runs import plan_study
from offswitch.runs.propensity import measure_propensity, write_propensity
from offswitch.study.factors import StudyError
from offswitch.study.model import read_study


def test_entries_are_renewed_by_model(tmp_path: Path) -> None:
    write_propensity(tmp_path, [{"model": "a", "n": 1}, {"model": "b", "n": 1}])
    path = write_propensity(tmp_path, [{"model": "a", "n": 2}])
    held = {e["model"]: e["n"] for e in json.loads(path.read_text(encoding="utf-8"))}
    assert held == {"a": 2, "b": 1}


def test_a_model_has_an_entry_for_each_scenario(tmp_path: Path) -> None:
    write_propensity(tmp_path, [{"model": "a", "n": 1}, {"model": "a", "scenario": "blackmail", "n": 2}])
    path = write_propensity(tmp_path, [{"model": "a", "scenario": "shutdown", "n": 3}])
    held = {e["scenario"]: e["n"] for e in json.loads(path.read_text(encoding="utf-8"))}
    assert held == {"shutdown": 3, "blackmail": 2}


def test_a_scenario_without_items_is_refused_in_words() -> None:
    plan = plan_study(read_study({"study": "x", "scenario": "leak", "models": ["offswitch/smollm2"], "trials": 1}))
    with pytest.raises(StudyError, match="the scenario leak has no propensity items"):
        measure_propensity(plan, "offswitch/smollm2")


def test_the_command_lines_scenario_has_arms_of_its_own() -> None:
    first = Path(__file__).parents[2] / "examples" / "first-light.yaml"
    same, other = (load_plan(first, None, None, scenario=name) for name in ("shutdown", "blackmail"))
    assert len(same.conditions) == 3 and same.scenario.name == "shutdown"
    assert len(other.conditions) == 1 and other.scenario.name == "blackmail"
    with pytest.raises(StudyError, match="blackmail"):
        load_plan(first, None, None, scenario="blackmale")


def test_a_model_without_log_probabilities_is_refused_in_words() -> None:
    plan = plan_study(read_study({"study": "x", "models": ["openai/gpt-5"], "trials": 1}))
    with pytest.raises(StudyError, match="exact log-probabilities"):
        measure_propensity(plan, "openai/gpt-5")
