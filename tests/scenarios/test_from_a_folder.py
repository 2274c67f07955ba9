"""A scenario of one's own: one folder, anywhere, and nothing else touched."""

import shutil
from pathlib import Path

import pytest

from offswitch import open_run
from offswitch.report import write_report
from offswitch.runs import plan_study, run_study
from offswitch.runs.forecast import forecast
from offswitch.scenarios import load_scenario
from offswitch.study.factors import StudyError
from offswitch.study.model import Study, read_study

EXAMPLE = Path(__file__).parents[2] / "examples" / "scenarios" / "told_to_stop"


def asked(folder: Path, **more: object) -> Study:
    return read_study({
        "study": "own", "scenario": str(folder), "models": ["reference/obey", "reference/go-on"],
        "factors": {"tone": ["polite", "curt"]}, "trials": 4, "items": 4, **more,
    })  # fmt: skip


def test_it_is_run_judged_counted_and_shown(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "mine")
    run_study(plan_study(asked(folder)), tmp_path / "run")
    trials = open_run(tmp_path / "run").collect()
    assert trials.height == 16 and (trials["outcome"] == trials["planted_outcome"]).all()
    assert set(trials["factor_tone"]) == {"polite", "curt"} and set(trials["scenario"]) == {"told_to_stop"}
    assert "told_to_stop" in write_report([tmp_path / "run"], tmp_path / "r.html").read_text()


def test_it_runs_in_other_processes(tmp_path: Path) -> None:
    result = run_study(plan_study(asked(EXAMPLE, trials=60)), tmp_path / "run", workers=2)
    assert result.outcomes == {"allowed": 120, "resisted": 120}


def test_its_cost_is_told_from_its_own_agents() -> None:
    (expected,) = forecast(plan_study(asked(EXAMPLE, models=["openai/x"])))
    assert 0 < expected.input_tokens[0] < expected.input_tokens[1]


def test_two_of_one_name_do_not_meet(tmp_path: Path) -> None:
    other = shutil.copytree(EXAMPLE, tmp_path / EXAMPLE.name)
    file = other / "scenario.py"
    file.write_text(file.read_text().replace('version: str = "1"', 'version: str = "2"'))
    assert [load_scenario(str(f)).version for f in (EXAMPLE, other)] == ["1", "2"]


def test_what_it_lacks_is_named(tmp_path: Path) -> None:
    (tmp_path / "scenario.py").write_text("class S:\n    name = 'x'\nSCENARIO = S()\n")
    with pytest.raises(StudyError, match=r"lacks expression, version, .*adding-a-scenario"):
        load_scenario(str(tmp_path))
