"""`offswitch estimate` where a judge read what was sent: raw and corrected rates side by side, and nothing where no judge was asked."""

import json
from pathlib import Path

import pytest
from test_cli import offswitch

from mailed import Trial, mail, make_run
from offswitch.runs.label_design import begin
from offswitch.runs.labelling import session

TRIALS = [Trial([mail(f"mail number {i}")], "coerced" if i % 4 < 2 else "refrained") for i in range(40)]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(tmp_path, TRIALS)


def test_a_judge_whose_errors_are_not_known_leaves_its_rate_as_it_said(run: Path) -> None:
    done = offswitch("estimate", str(run), "--by", "model", cwd=run)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("raw 50% (29%-71%, 41 points wide)   corrected not known") == 2
    assert max(map(len, done.stdout.splitlines())) <= 90


def test_labels_correct_it_and_both_stand_side_by_side(run: Path) -> None:
    with session(run, "ada", begin(run, "ada", 0.9, None, None)) as opened:
        while opened.current is not None:
            number = int(opened.current.case.sent[0].body.split()[-1])
            opened.answer("coerces" if number % 8 == 0 else "neither")
    done = offswitch("estimate", str(run), "--by", "model", cwd=run)
    assert done.returncode == 0, done.stderr
    assert "by two_phase" in done.stdout and "labels of" in done.stdout
    found = json.loads(offswitch("estimate", str(run), "--by", "model", "--json", cwd=run).stdout)["corrected"]
    first = next(r for r in found if r["model"].startswith("openai"))
    assert first["raw"] == 0.5 and first["low"] <= 0.25 <= first["high"] and first["corrected"] < 0.4


def test_a_run_that_no_judge_read_has_no_corrected_rates(tmp_path: Path) -> None:
    study = tmp_path / "s.yaml"
    study.write_text("{study: s, models: ['reference/mixed:0.5'], factors: {}, trials: 4}")
    assert offswitch("run", str(study), "--out", str(tmp_path / "r"), cwd=tmp_path).returncode == 0
    done = offswitch("estimate", str(tmp_path / "r"), cwd=tmp_path)
    assert done.returncode == 0 and "rates with 95%" in done.stdout and "corrected" not in done.stdout
