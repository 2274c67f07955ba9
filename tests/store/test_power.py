"""Power loss: whatever piece of the last writing is missing, readers and resumed runs cope and say what they left out."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from survive import AT, PLAN, TRIALS, go_on, killed

from offswitch import open_run
from offswitch.runs import run_study
from offswitch.store import StoreError, cut_short
from offswitch.store.journal import read_journal


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return killed(tmp_path_factory.mktemp("power") / "run")


@pytest.fixture
def run(once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(once, tmp_path / "run")


def journal(run: Path) -> Path:
    (file,) = (run / "journal").glob("*.jsonl")
    return file


def test_the_journal_cut_at_every_byte_of_its_last_record(run: Path) -> None:
    file = journal(run)
    whole = file.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(first, len(whole)):
        file.write_bytes(whole[:cut])
        ((_, rows, torn),) = read_journal(run / "journal")
        assert (len(rows), torn) == (1, cut > first), cut


def test_zeros_in_place_of_any_end_of_the_journal(run: Path) -> None:
    """A file system may have kept the length and lost the blocks."""
    file = journal(run)
    whole = file.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(0, len(whole), 7):
        file.write_bytes(whole[:cut] + bytes(len(whole) - cut))
        ((_, rows, torn),) = read_journal(run / "journal")
        assert (len(rows), torn) == (int(cut >= first), 1), cut


@pytest.mark.parametrize("lost", [1, 300, 5000])
@pytest.mark.parametrize("zeros", [False, True])
def test_a_torn_record_is_told_and_its_trial_run_again(run: Path, lost: int, zeros: bool) -> None:
    file = journal(run)
    whole = file.read_bytes()
    assert lost < len(whole) - whole.index(b"\n") - 1
    file.write_bytes(whole[:-lost] + bytes(lost * zeros))
    with pytest.warns(UserWarning, match="1 records were cut short"):
        assert open_run(run).collect().height == AT + 1
    result = go_on(run)
    assert (result.torn, result.already) == (1, AT + 1)
    assert cut_short(run) is None


def no_journal(run: Path) -> int:
    journal(run).unlink()
    return AT


def empty_journal(run: Path) -> int:
    journal(run).write_bytes(b"")
    return AT


def no_note(run: Path) -> int:
    (run / "made-of.json").unlink()
    return TRIALS


def half_a_note(run: Path) -> int:
    file = run / "made-of.json"
    file.write_bytes(file.read_bytes()[:100])
    return TRIALS


def parts(run: Path) -> int:
    for name in ("manifest.json", "made-of.json"):
        (run / f"{name}.part").write_text('{"study"')
    return TRIALS


def half_a_block(run: Path) -> int:
    (block,) = (run / "transcripts").glob("*.parquet")
    beside = run / ".block-x"
    beside.mkdir()
    (beside / block.name).write_bytes(block.read_bytes()[:999])
    return TRIALS


def an_index_without_its_block(run: Path) -> int:
    (block,) = (run / "transcripts").glob("*.parquet")
    block.unlink()
    return TRIALS - AT


def a_block_that_is_in_the_journal_too(run: Path) -> int:
    shutil.copy(journal(run), run / "kept")
    go_on(run)
    shutil.move(run / "kept", run / "journal" / "1-00000000.jsonl")
    assert open_run(run).collect().height == TRIALS
    return TRIALS


@pytest.mark.parametrize(
    "happened",
    [no_journal, empty_journal, no_note, half_a_note, parts, half_a_block, an_index_without_its_block,
     a_block_that_is_in_the_journal_too],
)  # fmt: skip
def test_what_never_reached_the_disk_is_done_again(run: Path, happened: Callable[[Path], int]) -> None:
    stood = happened(run)
    assert go_on(run).already == stood


def test_a_first_start_that_left_half_a_manifest_begins_anew(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "manifest.json.part").write_text('{"stu')
    (folder / ".lock").touch()
    with pytest.raises(FileNotFoundError, match="is not a run"):
        open_run(folder)
    assert go_on(folder).already == 0


def test_a_damaged_file_is_named_and_nothing_is_run_over_it(run: Path) -> None:
    (block,) = (run / "transcripts").glob("*.parquet")
    block.write_bytes(block.read_bytes()[:-50])
    for use in (lambda: open_run(run), lambda: run_study(PLAN, run)):
        with pytest.raises(StoreError, match=rf"{block.name} is damaged .*move it away") as told:
            use()
        assert "\n" not in str(told.value)
    block.unlink()
    assert go_on(run).already == TRIALS - AT
    (run / "manifest.json").write_bytes(b"")
    for use in (lambda: open_run(run), lambda: run_study(PLAN, run)):
        with pytest.raises(StoreError, match=r"manifest\.json is damaged"):
            use()
