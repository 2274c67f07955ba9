"""A disk that is full, read-only or gone under the run: one line and a way out; afterwards the run goes on to its end."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from survive import PLAN, TRIALS, go_on, small_blocks

from offswitch.cli import main
from offswitch.runs import run_study
from offswitch.store import RunStore, StoreError

SIZE = 4 * 2**20
STUDY = "study: t\nmodels: ['reference/mixed:0.5']\ntrials: 6\nitems: 3\n"


def mount(*words: str) -> bool:
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of four megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.getuid() or not mount("-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)):
        pytest.skip("only root may mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path, room: int) -> Path:
    """Fill a disk so that `room` KiB are left."""
    file, left = disk / "fill", shutil.disk_usage(disk).free
    file.write_bytes(bytes(left - room * 1024))
    return file


def offswitch(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    monkeypatch.setattr(sys, "argv", ["offswitch", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def one_line(said: str) -> str:
    """Return the one line of an error; a progress bar may stand before it."""
    (line,) = [x for x in said.splitlines() if x.startswith("offswitch:")]
    assert said.rstrip().endswith(line) and "Traceback" not in said
    return line


# Where a run of six trials meets the end of the disk: its manifest, its note, the journal, a block, the block's index.
@pytest.mark.parametrize("room", [0, 4, 16, 44, 100, 160])
def test_a_full_disk_is_told_and_after_room_is_made_the_run_goes_on(disk: Path, room: int) -> None:
    filler = fill(disk, room)
    for _ in range(2):  # the same command on a disk that is still full tells the same, and harms nothing
        with pytest.raises(StoreError, match="the disk is full; make room") as told, small_blocks():
            run_study(PLAN, disk / "run")
        assert "\n" not in str(told.value)
    filler.unlink()
    result = go_on(disk / "run")
    assert result.torn == 0
    assert room < 100 or result.already >= 4  # what had ended before the disk was full is not run again


def test_the_commands_on_a_full_disk(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    study = tmp_path / "s.yaml"
    study.write_text(STUDY)
    filler = fill(disk, 44)
    assert offswitch(monkeypatch, "run", study, "-o", disk / "run", "--workers", "1") == 2
    assert "the disk is full; make room. What is stored stands" in one_line(capfd.readouterr().err)
    filler.unlink()
    assert offswitch(monkeypatch, "run", study, "-o", disk / "run", "--workers", "1") == 0
    (disk / "t.csv").write_text("from before")
    fill(disk, 4)
    for words in (
        ("report", "-o", disk / "r.html"),
        *(("export", "-o", disk / f"t.{x}") for x in ("parquet", "csv", "jsonl")),
    ):
        capfd.readouterr()
        assert offswitch(monkeypatch, words[0], disk / "run", *words[1:]) == 2
        assert f"{words[2]}: the disk is full; make room." in one_line(capfd.readouterr().err)
    assert sorted(p.name for p in disk.iterdir()) == ["fill", "run", "t.csv"]
    assert (disk / "t.csv").read_text() == "from before"


def test_a_read_only_disk(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    go_on(disk / "run")
    assert mount("-o", "remount,ro", str(disk))
    (tmp_path / "s.yaml").write_text(STUDY)
    for words in (
        ("run", tmp_path / "s.yaml", "-o", disk / "run"),
        ("run", tmp_path / "s.yaml", "-o", disk / "new"),
        ("report", disk / "run"),
        ("export", disk / "run", "-o", disk / "t.csv"),
    ):
        assert offswitch(monkeypatch, *words) == 2
        assert "the disk is read-only; make it writable or name another place." in one_line(capfd.readouterr().err)
    assert offswitch(monkeypatch, "estimate", disk / "run") == 0
    assert offswitch(monkeypatch, "report", disk / "run", "-o", tmp_path / "r.html") == 0


@pytest.mark.parametrize("moved", [False, True])
def test_a_folder_that_goes_away_under_the_run_ends_it_at_once(tmp_path: Path, moved: bool) -> None:
    """An open file takes records for ever; a paid trial must not go into a file that nobody will find."""
    folder, elsewhere, seen = tmp_path / "run", tmp_path / "elsewhere", []
    append = RunStore.append

    def after_three(self: RunStore, row: dict[str, object]) -> None:
        if len(seen) == 3:
            folder.rename(elsewhere) if moved else shutil.rmtree(folder)
        seen.append(row)
        append(self, row)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(StoreError, match=r"it is not there .*put it back"):
        patch.setattr(RunStore, "append", after_three)
        run_study(PLAN, folder)
    assert len(seen) == 4
    assert not folder.exists()
    assert go_on(elsewhere).already == (3 if moved else 0)
    assert TRIALS > 4
