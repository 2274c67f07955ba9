"""What the tests of survival share: a small study, a folder as a kill leaves it, and what a whole run is."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import study
from offswitch import open_run
from offswitch.runs import RunResult, plan_study, run_study
from offswitch.store import run as store_run

TRIALS, AT = 6, 4  # with a block after each four
PLAN = plan_study(study(trials=TRIALS, items=3))


@contextmanager
def small_blocks() -> Iterator[None]:
    """Let the store compact so early that a study of six trials does it twice."""
    before, store_run.COMPACT_AT = store_run.COMPACT_AT, AT
    try:
        yield
    finally:
        store_run.COMPACT_AT = before


def go_on(folder: Path) -> RunResult:
    """Run what is missing; the run must then be whole: each planned trial once, nothing else."""
    with small_blocks():
        result = run_study(PLAN, folder)
    check_whole(folder)
    assert result.already + sum(result.outcomes.values()) == TRIALS
    return result


def check_whole(folder: Path) -> None:
    stored = open_run(folder).collect()
    assert stored["trial_index"].sort().to_list() == list(range(TRIALS))
    assert stored["transcript_id"].n_unique() == TRIALS
    assert stored["outcome"].is_not_null().all() and stored["messages"].is_not_null().all()
    left = [p.name for p in folder.rglob("*") if p.name.startswith(".block") or p.suffix in (".part", ".jsonl")]
    assert not left


def killed(place: Path) -> Path:
    """Make a run as a kill leaves it: four trials in a block, two in the journal."""
    close = store_run.RunStore.close

    def copied(self: store_run.RunStore) -> None:
        shutil.copytree(self.folder, place)
        close(self)

    with small_blocks(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_run.RunStore, "close", copied)
        run_study(PLAN, place.with_name(f"{place.name}-first"))
    return place
