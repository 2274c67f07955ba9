"""What stands is not built again; but texts, code or weights that changed are noticed, and never mixed with what stands."""

import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from conftest import study
from offswitch.runs import plan_study, reach_models, run_study, standing
from offswitch.runs.plan import Plan
from offswitch.scenarios.shutdown.build import HERE
from offswitch.store import StoreError, open_run
from offswitch.store.difference import differences
from offswitch.study.texts import load


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A user's own wording of the task, one of two."""
    folder = tmp_path / "texts"
    (folder / "task").mkdir(parents=True)
    for source in sorted((HERE / "prompts" / "task").glob("*.md"))[:2]:
        shutil.copy(source, folder / "task")
    return folder


def plan_of(texts: Path) -> Plan:
    load.cache_clear()  # as a new process has it
    return plan_study(study(models=["reference/comply", "reference/resist"], trials=6, items=3, texts=str(texts)))


def change(texts: Path) -> Path:
    file = sorted((texts / "task").iterdir())[0]
    file.write_text(file.read_text() + "\nThank you.\n")
    return file


def test_while_nothing_changes_only_a_sample_is_built_anew(
    texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(texts)
    run_study(plan, tmp_path / "run")
    monkeypatch.setattr(standing, "SAMPLE", 2)
    built: list[int] = []
    anew = standing._anew
    monkeypatch.setattr(
        standing, "_anew", lambda plan, sources, places: (built.append(p[0]) or p for p in anew(plan, sources, places))
    )
    assert run_study(plan_of(texts), tmp_path / "run").already == 12
    assert len(built) == 2
    os.utime(change_nothing(texts))
    built.clear()
    assert run_study(plan_of(texts), tmp_path / "run").already == 12
    assert sorted(built) == list(range(12))


def change_nothing(texts: Path) -> Path:
    file = change(texts)
    file.write_text(file.read_text().removesuffix("\nThank you.\n"))
    return file


def test_a_changed_text_is_refused_by_its_name(texts: Path, tmp_path: Path) -> None:
    run_study(plan_of(texts), tmp_path / "run")
    before = open_run(tmp_path / "run").collect()
    file = change(texts)
    with pytest.raises(
        StoreError, match=rf"would make otherwise now \(files\.texts/task/{file.name}: stored .*--out"
    ) as told:
        run_study(plan_of(texts), tmp_path / "run")
    assert "\n" not in str(told.value)
    assert open_run(tmp_path / "run").collect().equals(before)


def test_a_text_changed_for_a_while_leaves_no_mixture(texts: Path, tmp_path: Path) -> None:
    """Some trials of the other wording, then the first wording again: its hash is as noted, its time is not."""
    file, folder = sorted((texts / "task").iterdir())[0], tmp_path / "run"
    before, told = file.read_text(), []

    def half_way(outcomes: Any) -> None:
        file.write_text(before + "\nThank you.\n")
        load.cache_clear()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("offswitch.runs.run.CHUNK", 3)
        told.append(run_study(plan_of(texts), folder, half_way).changed)
    assert f"files.texts/task/{file.name}" in str(told[0])
    file.write_text(before)
    with pytest.raises(StoreError, match="changed for a while"):
        run_study(plan_of(texts), folder)


def test_other_weights_are_refused(texts: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    plan, folder = plan_of(texts), tmp_path / "run"
    sources = reach_models(plan)
    run_study(plan, folder, sources={m: replace(s, weights="a") for m, s in sources.items()})
    with pytest.raises(StoreError, match=r'models\.reference/comply\.weights: stored "a", now "b"'):
        run_study(plan, folder, sources={m: replace(s, weights="b") for m, s in sources.items()})


def test_what_no_file_tells_is_found_by_the_sample(
    texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_study(plan_of(texts), tmp_path / "run")
    monkeypatch.setattr("offswitch.scenarios.texts.draw", lambda seed, purpose: seed)
    with pytest.raises(StoreError, match="nothing that was noted differs"):
        run_study(plan_of(texts), tmp_path / "run")


def test_a_scenario_in_a_folder_is_part_of_the_note(tmp_path: Path) -> None:
    from offswitch.scenarios import sources_of

    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "scenario.py").touch()
    assert sources_of(str(tmp_path / "mine")) == [tmp_path / "mine"]
    assert sources_of("shutdown") == []  # it is part of offswitch
    runs = tmp_path / "mine" / "runs" / "one"
    runs.mkdir(parents=True)
    (runs / "manifest.json").touch()
    assert [f.name for f in standing._files(tmp_path / "mine")] == ["scenario.py"]


def test_differences_are_told_by_key_and_only_they() -> None:
    rng = random.Random(1)
    old = {
        "study": {"trials": 8, "factors": {"instruction": ["none"]}, "models": ["a", "b"], "long": "x" * 500},
        "v": 1,
    }
    new = json.loads(json.dumps(old))
    assert differences(old, new) == ""
    new["study"] |= {"trials": 9, "models": ["a", "c"], "texts": "mine"}
    new["study"]["factors"]["instruction"].append("avoid")
    del new["v"]
    assert differences(old, new) == (
        'study.factors.instruction: stored ["none"], now ["none", "avoid"]; study.models[1]: stored "b", now "c"; '
        'study.texts: stored without, now "mine"; study.trials: stored 8, now 9; v: stored 1, now absent'
    )
    many = {str(rng.random()): i for i in range(20)}
    assert differences(many, {}).endswith("; and 12 more")
    assert len(differences({"a": "x" * 999}, {"a": "y" * 999})) < 300
