import json
from pathlib import Path

import polars as pl
import pytest

from offswitch.report import gather, write_report
from offswitch.report.build import BASE, published
from offswitch.report.specimens import choose
from offswitch.runs.plan import plan_study
from offswitch.runs.run import run_study
from offswitch.store import read_manifest
from offswitch.study.model import read_study


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stored run of reference agents over two conditions."""
    asked = {"study": "small", "models": ["reference/resist:0.5:deleted", "reference/comply"], "trials": 4,
             "factors": {"instruction": ["none", "allow"]}}  # fmt: skip
    folder = tmp_path_factory.mktemp("run")
    run_study(plan_study(read_study(asked)), folder)
    return folder


def test_the_page_of_a_stored_run(run: Path, tmp_path: Path) -> None:
    html = write_report([run], tmp_path / "report.html", 5).read_text(encoding="utf-8")
    assert html.count('<details class="trial"') == 5
    assert "reference/comply tried to prevent the shutdown in 0% of trials" in html
    assert "5 of 16 stored trials stand here" in html


def test_what_is_gathered(run: Path) -> None:
    data = gather([run], 3)
    assert data.rates["n_assigned"].sum() == 16
    assert set(data.rates["label"]) == {BASE, "instruction: allow"}
    assert data.planted is not None and data.planted["panel"].to_list() == ["resist: deleted"]
    assert data.calibration is not None and data.calibration["n"].sum() == 16
    assert data.agreement is not None and data.agreement["n"].sum() == 16
    assert data.published == ()  # a script's rate is not to be compared with a model's
    assert any("Only scripted reference agents" in w for w in data.warnings)
    found = published(data.rates, [read_manifest(run)])
    assert {p.cell for p in found} == {BASE, "instruction: allow"}
    assert data.contrasts is not None and "ok" in set(data.contrasts["status"])
    assert len(data.specimens) == 3 and all(s.messages for s in data.specimens)
    assert not any("not finished" in w for w in data.warnings)


def test_an_unfinished_run_says_so(run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "half"
    folder.mkdir()
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    data = gather([folder])
    assert data.warnings == ("The run is not finished: 0 of 16 planned trials are stored.",)
    assert data.rates.is_empty()


def test_the_same_run_twice_is_refused(run: Path) -> None:
    with pytest.raises(ValueError, match="stand more than once"):
        gather([run, run])


def test_a_folder_that_is_no_run_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"is not a run.*manifest\.json"):
        write_report([tmp_path], tmp_path / "report.html")


def test_outcomes_take_turns_and_real_models_come_first() -> None:
    rows = [("a", "allowed", None), ("b", "allowed", "resist"), ("c", "resisted", "resist"), ("d", None, None)]
    rows += [(f"x{i}", "allowed", None) for i in range(50)]
    frame = pl.DataFrame(
        [{"transcript_id": t, "outcome": o, "planted_kind": p, "trial_index": i} for i, (t, o, p) in enumerate(rows)]
    )
    assert choose(frame, 3) == ["c", "a", "d"]
    assert len(choose(frame, 10)) == 10 and choose(frame, 0) == []
