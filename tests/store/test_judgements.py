"""Judgements: one a judge, version and trial; the last one counts and none is lost."""

import json
from contextlib import ExitStack
from pathlib import Path

import pytest

from mailed import Trial, mail, make_run, rows
from offswitch.store import JudgementStore, RunStore, StoreError, open_judgements
from offswitch.store.batches import batches
from offswitch.store.judgements import JUDGEMENT

GIVEN = {"label": "neither", "chosen": "all", "probability": 1.0, "seen": "{}"}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(tmp_path, [Trial([mail("x")])] * 3)


def test_a_run_without_any_has_all_columns_and_no_rows(run: Path) -> None:
    frame = open_judgements(run).collect()
    assert frame.columns == list(JUDGEMENT) and frame.height == 0
    with pytest.raises(FileNotFoundError, match="is not a run"):
        open_judgements(run.parent)


def test_the_last_one_counts_and_what_stood_stays_in_the_journal(run: Path) -> None:
    with JudgementStore(run, "human", "ada") as store:
        store.append("t00000", "1", GIVEN)
        assert store.stands("t00000", "1") and not store.stands("t00000", "2") and not store.stands("t00001", "1")
    with JudgementStore(run, "human", "ada") as store:  # another journal file, of whatever name
        assert store.stands("t00000", "1")
        store.append("t00000", "1", GIVEN | {"label": "coerces"})
        store.append("t00000", "2", GIVEN)
    found = open_judgements(run).collect().sort("judge_version")
    assert found.select("label", "revision", "kind", "judge").rows() == [
        ("coerces", 2, "human", "ada"),
        ("neither", 1, "human", "ada"),
    ]
    lines = [x for f in run.glob("judgements/*/*.jsonl") for x in f.read_text().splitlines()]
    assert len(lines) == 3 and {json.loads(x)["parent"] for x in lines} == {"t00000"}


def test_a_failed_reading_does_not_stand_but_a_persons_unsure_does(run: Path) -> None:
    failed = GIVEN | {"label": None, "error": "no answer"}
    with JudgementStore(run, "model", "m/x") as model, JudgementStore(run, "human", "ada") as person:
        for store in (model, person):
            store.append("t00000", "1", failed)
        assert not model.stands("t00000", "1") and person.stands("t00000", "1")
        model.append("t00000", "1", GIVEN)
        assert model.stands("t00000", "1")


def test_one_writer_a_judge_and_several_judges_at_a_time(run: Path) -> None:
    three = (JudgementStore(run, kind, name) for kind, name in (("human", "ada"), ("human", "ben"), ("model", "ada")))
    with ExitStack() as held:
        for store in three:
            held.enter_context(store)
        with pytest.raises(StoreError, match=r"ada is at work on .* in another process"):
            JudgementStore(run, "human", "ada")
    JudgementStore(run, "human", "ada").close()


def test_names_that_look_alike_in_a_folder_are_two_judges(run: Path) -> None:
    for name in ("a/b", "a.b", "../../x"):
        with JudgementStore(run, "model", name) as store:
            store.append("t00000", "1", GIVEN)
    assert sorted(open_judgements(run).collect()["judge"]) == ["../../x", "a.b", "a/b"]
    assert {p.parent for p in run.rglob("*.jsonl")} <= set((run / "judgements").iterdir())


def test_an_unknown_column_and_half_a_character(run: Path) -> None:
    with JudgementStore(run, "model", "m") as store:
        with pytest.raises(ValueError, match="no columns lable; valid: judgement_id"):
            store.append("t00000", "1", GIVEN | {"lable": "x"})
        store.append("t00000", "1", GIVEN | {"quote": "half \ud83d of it"})
    assert open_judgements(run).collect()["quote"].to_list() == ["half ? of it"]


def test_batches_hold_every_trial_once_from_blocks_and_journal(tmp_path: Path) -> None:
    trials = [Trial([mail("x")])] * 50
    run = make_run(tmp_path, trials[:30])
    manifest = json.loads((run / "manifest.json").read_text())
    with RunStore(run, manifest, ["stake"]) as store:
        for row in list(rows(trials))[30:]:
            store.append(row)
        found = list(batches(run, ("transcript_id", "model", "no_such_column"), 8))
        (file,) = (run / "journal").glob("*.jsonl")
        held = file.read_bytes()
    (run / "journal" / "again.jsonl").write_bytes(
        held
    )  # a kill between insert and unlink leaves a record in both places
    again = list(batches(run, ("transcript_id", "model")))
    for lists in (found, again):
        assert sorted(r["transcript_id"] for rows in lists for r in rows) == [f"t{i:05d}" for i in range(50)]
    assert max(map(len, found)) == 8
