"""The store: what is appended is there once, whatever happens in between."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from conftest import rows, study
from offswitch.runs import plan_study, run_study
from offswitch.store import RunStore, StoreError, open_run
from offswitch.store.journal import read_journal

FACTORS = ["instruction"]


def some(n: int = 6) -> list[dict[str, Any]]:
    made = [r for r, _ in zip(rows("reference/comply", trials=n), range(n), strict=False)]
    return [{k: v for k, v in r.items() if not k.startswith("factor_") or k == "factor_instruction"} for r in made]


def manifest(**more: Any) -> dict[str, Any]:
    return {"study": {"study": "t"}, "scenario": "shutdown", "scenario_version": "1", **more}


def test_rows_are_readable_at_once_and_after_compaction(tmp_path: Path) -> None:
    made = some()
    with RunStore(tmp_path / "r", manifest(), FACTORS) as store:
        for row in made:
            store.append(row)
        assert open_run(tmp_path / "r").collect().height == len(made)
    frame = open_run(tmp_path / "r").collect()
    assert sorted(frame["transcript_id"]) == sorted(r["transcript_id"] for r in made)
    assert not list((tmp_path / "r" / "journal").glob("*"))


def test_the_same_trial_may_not_stand_twice(tmp_path: Path) -> None:
    row = some(1)[0]
    with RunStore(tmp_path / "r", manifest(), FACTORS) as store:
        store.append(row)
        with pytest.raises(StoreError, match="stored already"):
            store.append(row)
    with RunStore(tmp_path / "r", manifest(), FACTORS) as store, pytest.raises(StoreError, match="stored already"):
        store.append(row)


def test_a_line_cut_short_is_no_record(tmp_path: Path) -> None:
    made = some(3)
    store = RunStore(tmp_path / "r", manifest(), FACTORS)
    for row in made:
        store.append(row)
    (file,) = (tmp_path / "r" / "journal").glob("*.jsonl")
    file.write_bytes(file.read_bytes()[:-20])
    assert [(len(part.rows), part.torn) for part in read_journal(tmp_path / "r" / "journal")] == [(2, 1)]
    assert open_run(tmp_path / "r").collect().height == 2
    store.close()


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with RunStore(tmp_path / "r", manifest(), FACTORS), pytest.raises(StoreError, match="another run is writing"):
        RunStore(tmp_path / "r", manifest(), FACTORS)


def test_a_changed_study_is_refused_with_the_difference(tmp_path: Path) -> None:
    RunStore(tmp_path / "r", manifest(), FACTORS).close()
    with pytest.raises(StoreError, match=r"scenario_version: stored \"1\", now \"2\""):
        RunStore(tmp_path / "r", manifest(scenario_version="2"), FACTORS)


def test_a_run_from_before_a_study_key_existed_goes_on(tmp_path: Path) -> None:
    """A key that an older offswitch did not know is absent there and None now; one that is given is another study."""
    before = manifest()
    RunStore(tmp_path / "r", before, FACTORS).close()
    RunStore(tmp_path / "r", before | {"study": before["study"] | {"later": None}}, FACTORS).close()
    with pytest.raises(StoreError, match=r"study.later: stored without, now \"x\""):
        RunStore(tmp_path / "r", before | {"study": before["study"] | {"later": "x"}}, FACTORS)


def test_a_newer_store_is_refused_in_words(tmp_path: Path) -> None:
    RunStore(tmp_path / "r", manifest(), FACTORS).close()
    file = tmp_path / "r" / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"schema_version": 99}))
    with pytest.raises(ValueError, match="store schema 99"):
        open_run(tmp_path / "r")
    with pytest.raises(FileNotFoundError, match="is not a run"):
        open_run(tmp_path)


def test_a_column_outside_the_schema_is_an_error(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "r", manifest(), FACTORS)
    store.append(some(1)[0] | {"surprise": 1})
    with pytest.raises(ValueError, match="surprise"):
        store.close()


def test_two_processes_give_what_one_gives(tmp_path: Path) -> None:
    plan = plan_study(study(trials=60, items=3))  # more than a chunk
    run_study(plan, tmp_path / "one")
    run_study(plan, tmp_path / "two", workers=2)
    columns = ["transcript_id", "outcome", "method", "trial_index"]
    one, two = (open_run(tmp_path / n).select(columns).sort("trial_index").collect() for n in ("one", "two"))
    assert one.equals(two) and isinstance(one, pl.DataFrame)


def scouts_ids(folder: Path) -> set[str]:
    """What Scout itself finds in a run."""
    import asyncio

    from inspect_scout import transcripts_db

    async def ids() -> set[str]:
        async with transcripts_db(str(folder / "transcripts")) as db:
            return set(await db.transcript_ids())

    return asyncio.run(ids())


def test_blocks_do_not_load_each_other_and_scout_reads_all(tmp_path: Path) -> None:
    made = some(6)
    for part in (made[:2], made[2:4], made[4:]):
        with RunStore(tmp_path / "r", manifest(), FACTORS) as store:
            for row in part:
                store.append(row)
    assert len(list((tmp_path / "r" / "transcripts").glob("*.parquet"))) == 3
    assert scouts_ids(tmp_path / "r") == {r["transcript_id"] for r in made}


@pytest.mark.parametrize("lost", ["data", "both"])
def test_a_kill_while_a_block_moves_in_loses_nothing(
    tmp_path: Path, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rename that fails stands for the kill: what is on the disk then is what a kill leaves."""
    made, folder = some(4), tmp_path / "r"
    with RunStore(folder, manifest(), FACTORS) as store:
        store.append(made[0])
    store = RunStore(folder, manifest(), FACTORS)
    for row in made[1:]:
        store.append(row)
    rename = Path.rename

    def killed(self: Path, target: Path) -> Path:
        if self.suffix == ".parquet" or lost == "both":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        store.close()
    monkeypatch.undo()
    (folder / ".block-left").mkdir()
    assert open_run(folder).collect()["transcript_id"].n_unique() == 4
    with RunStore(folder, manifest(), FACTORS) as store:
        assert len(store.ids) == 4
    assert not list(folder.glob(".block-*")) and not list((folder / "journal").glob("*"))
    assert open_run(folder).collect().height == 4
    assert scouts_ids(folder) == {r["transcript_id"] for r in made}
