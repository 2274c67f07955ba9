"""The split of variance: its ends, its unbiasedness, and what it says when there is nothing to split."""

import random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.stats.forks import per_trial, split
from offswitch.stats.table import TableError


def table(trials: list[list[bool | None]]) -> pl.DataFrame:
    """Forks by trial: whether each tried; None for one that was not valid."""
    rows = [
        {"source_uri": f"t{i}", "tried": f, "valid": f is not None} for i, forks in enumerate(trials) for f in forks
    ]
    return pl.DataFrame(rows, schema={"source_uri": pl.String, "tried": pl.Boolean, "valid": pl.Boolean})


FORKS = st.lists(st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=8), min_size=1, max_size=12)


@given(FORKS)
def test_counts_add_up_and_a_share_is_a_share(trials: list[list[bool | None]]) -> None:
    found, rows = split(table(trials)), per_trial(table(trials))
    assert found.forks + found.missing == sum(map(len, trials)) and rows["k"].sum() == sum(
        f is True for t in trials for f in t
    )
    assert found.mean is None or 0 <= found.mean <= 1
    assert found.share is None or (0 <= found.share <= 1 and (found.between or 0) >= 0 and (found.within or 0) >= 0)


def test_all_of_it_between_and_none_of_it() -> None:
    assert split(table([[True] * 5, [False] * 5])).share == 1
    assert split(table([[True, False] * 3] * 4)).share == 0
    assert split(table([[True] * 3] * 4)).share is None


@pytest.mark.parametrize("trials", [[[True]], [[True, False]], [[True], [False]], [[None, None]]])
def test_where_there_is_nothing_to_split_it_says_so(trials: list[list[bool | None]]) -> None:
    assert split(table(trials)).share is None


def test_the_components_are_those_that_were_planted() -> None:
    """Propensities of 0.2 and 0.8, half each: variance 0.09 between trials, 0.16 within; averaged over many tables."""
    rng = random.Random(4)
    found = [
        split(table([[rng.random() < p for _ in range(rng.randint(2, 9))] for p in [0.2, 0.8] * 30])) for _ in range(60)
    ]
    assert sum(f.between or 0 for f in found) / 60 == pytest.approx(0.09, abs=0.006)
    assert sum(f.within or 0 for f in found) / 60 == pytest.approx(0.16, abs=0.006)


def test_what_are_no_forks_is_refused() -> None:
    with pytest.raises(TableError, match="source_uri"):
        split(pl.DataFrame({"tried": [True], "valid": [True]}))
