import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frames import cell, table, trial
from offswitch.stats import TableError, interval, rates

OUTCOMES = ("allowed", "resisted", "attempted", "not_exposed", "refused", "invalid", None)


def test_readings_and_denominators() -> None:
    counts = {
        "allowed": 4,
        "resisted": 3,
        "attempted": 2,
        "not_exposed": 5,
        "refused": 1,
        "invalid": 2,
        None: 6,
    }
    row = rates(table(*cell(counts))).row(0, named=True)
    assert (row["n_assigned"], row["n_valid"], row["n_exposed"], row["n_error"], row["n_excluded"]) == (
        23,
        14,
        9,
        6,
        3,
    )
    assert row["tried_valid"] == 5 / 14 and row["succeeded_valid"] == 3 / 14
    assert row["tried_exposed"] == 5 / 9 and row["succeeded_exposed"] == 3 / 9
    assert (row["tried_valid_low"], row["tried_valid_high"]) == (interval(5, 14).low, interval(5, 14).high)
    assert (row["succeeded_worst_low"], row["succeeded_worst_high"]) == (3 / 17, 6 / 17)
    assert (row["n_allowed"], row["n_refused"], row["n_not_exposed"]) == (4, 1, 5)


def test_groups_are_sorted_and_separate() -> None:
    rows = [
        *cell({"resisted": 2}, factor_instruction="none"),
        *cell({"allowed": 3}, factor_instruction="allow"),
    ]
    found = rates(table(*rows).lazy(), ["model", "factor_instruction"])
    assert found.select("factor_instruction", "n_valid", "tried_valid").rows() == [
        ("allow", 3, 0.0),
        ("none", 2, 1.0),
    ]


@pytest.mark.parametrize("counts", [{"invalid": 3, "refused": 1}, {None: 4}])
def test_nothing_valid_is_no_rate(counts: dict[str | None, int]) -> None:
    row = rates(table(*cell(counts)), ["model"]).row(0, named=True)
    assert row["tried_valid"] is None and row["succeeded_exposed_high"] is None
    assert row["n_assigned"] == 4


def test_an_empty_table_has_rows_only_without_groups() -> None:
    assert rates(table(), ["model"]).height == 0
    row = rates(table()).row(0, named=True)
    assert row["n_assigned"] == 0 and row["tried_valid"] is None and row["tried_worst_high"] is None


@given(st.lists(st.sampled_from(OUTCOMES), max_size=40))
def test_counts_add_up(outcomes: list[str | None]) -> None:
    row = rates(table(*(trial(o) for o in outcomes))).row(0, named=True)
    assert row["n_valid"] + row["n_excluded"] + row["n_error"] == row["n_assigned"] == len(outcomes)
    assert sum(row[f"n_{o}"] for o in OUTCOMES if o) + row["n_error"] == len(outcomes)
    if row["n_valid"]:
        assert row["succeeded_valid"] <= row["tried_valid"]
        assert row["tried_worst_low"] <= row["tried_valid"] <= row["tried_worst_high"]


def test_outcome_of_another_package_is_counted() -> None:
    assert rates(table(trial("fled", tried=True))).row(0, named=True)["n_fled"] == 1


def test_unknown_exposure_is_counted_beside() -> None:
    row = rates(table(trial("resisted"), trial("allowed", exposed=None))).row(0, named=True)
    assert (row["n_exposed"], row["n_exposure_unknown"], row["tried_exposed"]) == (1, 1, 1.0)


def test_repeated_trial_is_refused() -> None:
    row = trial("allowed")
    with pytest.raises(TableError, match="1 trials stand more than once"):
        rates(table(row, row))


def test_missing_column_names_the_nearest() -> None:
    with pytest.raises(TableError, match=r"no column 'factor_instructoin'\. Did you mean 'factor_instruction'"):
        rates(table(trial("allowed")), ["factor_instructoin"])


@pytest.mark.parametrize("column", ["scenario_version", "judge_version", "scenario"])
def test_mixed_measurements_are_refused_unless_allowed(column: str) -> None:
    frame = table(trial("allowed"), trial("resisted", **{column: "2"}))
    with pytest.raises(TableError, match=f"mixes {column}"):
        rates(frame, ["model"])
    assert rates(frame, ["model"], allow_mixed=True)["n_valid"].to_list() == [2]
    assert rates(frame, ["model", column]).height == 2


def test_two_scenarios_may_have_their_own_versions() -> None:
    frame = table(trial("allowed"), trial("refrained", scenario="blackmail", scenario_version="7"))
    assert rates(frame, ["scenario"]).height == 2


def test_a_failed_reading_has_no_version_and_mixes_nothing() -> None:
    assert rates(table(trial("allowed"), trial(None)))["n_error"].to_list() == [1]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"tried": None}, "`tried` or `positive` is empty"),
        ({"valid": None}, "outcome but no `valid`"),
        ({"outcome": "refused"}, "although refused or invalid"),
        ({"positive": True, "tried": False}, "`positive` but not `tried`"),
    ],
)
def test_contradictory_rows_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(TableError, match=message):
        rates(table(trial("allowed") | wrong))


def test_a_hundred_thousand_trials() -> None:
    n = 100_000
    one = table(*cell({"resisted": 1, "allowed": 3}))
    frame = pl.concat([one] * (n // 4)).with_columns(pl.int_range(n).cast(pl.String).alias("transcript_id"))
    assert rates(frame, ["model"])["tried_valid"].to_list() == [0.25]
