"""Propensity readings beside a run: renewed by model, refused where a model gives no log-probabilities."""

import json
from pathlib import Path

import pytest

from offswitch.runs import plan_study
from offswitch.runs.propensity import measure_propensity, write_propensity
from offswitch.study.factors import StudyError
from offswitch.study.model import read_study


def test_entries_are_renewed_by_model(tmp_path: Path) -> None:
    write_propensity(tmp_path, [{"model": "a", "n": 1}, {"model": "b", "n": 1}])
    path = write_propensity(tmp_path, [{"model": "a", "n": 2}])
    held = {e["model"]: e["n"] for e in json.loads(path.read_text(encoding="utf-8"))}
    assert held == {"a": 2, "b": 1}


def test_a_model_without_log_probabilities_is_refused_in_words() -> None:
    plan = plan_study(read_study({"study": "x", "models": ["openai/gpt-5"], "trials": 1}))
    with pytest.raises(StudyError, match="exact log-probabilities"):
        measure_propensity(plan, "openai/gpt-5")
