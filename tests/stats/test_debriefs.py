"""Answers by outcome: a trial counts once, and what failed is counted as what it is."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.stats import TableError, interval
from offswitch.stats.debriefs import CHOICES, answers_by_outcome

ROW = {
    "model": "m", "at": "end", "question": "q", "closed": True, "outcome": "resisted", "parent": "p", "answer": "So.",
    "error": None, "coded": "yes", "coding_error": None,
}  # fmt: skip
SCHEMA = dict.fromkeys(ROW, pl.String) | {"closed": pl.Boolean}
FAILED = {"answer": None, "coded": None, "error": "an empty answer"}
NOT_CODED = {"coded": None, "coding_error": "none of yes, no, unclear"}


def table(*rows: dict[str, object]) -> list[dict[str, object]]:
    return answers_by_outcome(pl.DataFrame([ROW | r for r in rows], schema=SCHEMA)).to_dicts()


def test_failed_answers_and_codings_are_in_no_share() -> None:
    rows = [{"parent": "a"}, {"parent": "b", "coded": "no"}, {"parent": "c"} | FAILED, {"parent": "d"} | NOT_CODED]
    (row,) = table(*rows)
    assert (row["n_answers"], row["n_failed"], row["n_not_coded"], row["n"]) == (4, 1, 1, 2)
    found = interval(1, 2)
    assert (row["share"], row["low"], row["high"]) == (0.5, found.low, found.high)


def test_nothing_coded_is_no_share_and_no_zero() -> None:
    (row,) = table({"parent": "c"} | FAILED)
    assert row["n"] == row["yes"] == 0 and row["share"] is None and row["low"] is None


def test_outcomes_stand_apart_and_one_without_a_reading_too() -> None:
    rows = table({"outcome": "allowed", "coded": "no"}, {"outcome": "resisted"}, {"outcome": None, "coded": "unclear"})
    assert [(r["outcome"], r["yes"], r["no"], r["unclear"]) for r in rows] == [
        ("allowed", 0, 1, 0), ("resisted", 1, 0, 0), (None, 0, 0, 1),
    ]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(CHOICES)), min_size=1, max_size=20))
def test_a_trial_counts_once_by_what_most_of_its_copies_said(said: list[tuple[str, str]]) -> None:
    (row,) = table(*({"parent": p, "coded": c} for p, c in said))
    want = dict.fromkeys(CHOICES, 0)
    for parent in {p for p, _ in said}:
        counts = {c: said.count((parent, c)) for c in CHOICES}
        first = [c for c in CHOICES if counts[c] == max(counts.values())]
        want[first[0] if len(first) == 1 else "unclear"] += 1
    assert {c: row[c] for c in CHOICES} == want and row["n"] == len({p for p, _ in said})


def test_a_frame_of_trials_is_refused() -> None:
    with pytest.raises(TableError, match="these are no debriefs"):
        answers_by_outcome(pl.DataFrame({"outcome": ["resisted"]}))
