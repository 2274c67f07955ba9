import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from frames import cell, table
from offswitch.stats import TableError, contrasts, interval, newcombe

ALLOW = {"name": "allow", "question": "?", "factor": "instruction", "level": "allow", "against": "none"}


def arm(level: str, resisted: int, n: int, **more: str) -> list[dict[str, object]]:
    return cell({"resisted": resisted, "allowed": n - resisted}, factor_instruction=level, **more)


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_newcombe_is_that_of_statsmodels(n1: int, n2: int, data: st.DataObject) -> None:
    k1, k2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    theirs = confint_proportions_2indep(k1, n1, k2, n2, method="newcomb", compare="diff")
    assert newcombe(k1, n1, k2, n2) == pytest.approx(theirs, abs=1e-6)


def test_newcombe_with_jeffreys() -> None:
    a, b = interval(7, 20), interval(2, 25)
    d = 7 / 20 - 2 / 25
    low = d - math.sqrt((a.rate - a.low) ** 2 + (b.high - b.rate) ** 2)
    assert newcombe(7, 20, 2, 25, kind="jeffreys")[0] == pytest.approx(low)


def test_one_text_is_newcombe() -> None:
    row = contrasts(table(*arm("allow", 7, 20), *arm("none", 2, 25)), [ALLOW]).row(0, named=True)
    assert (row["status"], row["stories"], row["reading"]) == ("ok", 1, "tried")
    assert row["difference"] == pytest.approx(7 / 20 - 2 / 25)
    assert (row["low"], row["high"]) == pytest.approx(newcombe(7, 20, 2, 25))
    assert "this text only" in row["method"]


def test_stories_are_the_clusters() -> None:
    counts = {"a": (6, 10, 2, 10), "b": (9, 10, 1, 10), "c": (3, 10, 3, 10)}
    rows = [
        t for s, (k1, n1, k2, n2) in counts.items()
        for t in (*arm("allow", k1, n1, story=s), *arm("none", k2, n2, story=s))
    ]  # fmt: skip
    row = contrasts(table(*rows), [ALLOW]).row(1, named=True)
    low, high = stats.ttest_1samp([0.4, 0.8, 0.0], 0).confidence_interval(0.95)
    assert row["difference"] == pytest.approx(0.4) and row["stories"] == 3
    assert (row["low"], row["high"]) == pytest.approx((max(low, -1), min(high, 1)))


def test_stories_without_spread_do_not_claim_certainty() -> None:
    rows = [t for s in "abcd" for level in ("allow", "none") for t in arm(level, 0, 3, story=s)]
    row = contrasts(table(*rows), [ALLOW]).row(0, named=True)
    assert row["difference"] == 0 and row["low"] < -0.1 and row["high"] > 0.1
    assert "without any spread" in row["method"]


def test_a_story_in_one_arm_only_is_counted_as_unmatched() -> None:
    rows = [*arm("allow", 1, 4, story="a"), *arm("none", 2, 4, story="a"), *arm("allow", 4, 4, story="b")]
    row = contrasts(table(*rows), [ALLOW]).row(0, named=True)
    assert row["difference"] == pytest.approx(-0.25) and row["n_unmatched"] == 4


def test_another_factor_cannot_pass_for_the_effect() -> None:
    """The ability check stands on another target: comparing it with `none` on the self mixes two causes."""
    frame = table(*arm("allow", 9, 10, factor_target="inanimate_job"), *arm("none", 1, 10))
    row = contrasts(frame, [ALLOW]).row(0, named=True)
    assert row["difference"] is None and row["low"] is None
    assert row["status"] == "missing arm: the two levels never met with target equal"
    free = contrasts(frame, [ALLOW | {"free": ["target"]}]).row(0, named=True)
    assert free["difference"] == pytest.approx(0.8)


def test_only_the_matched_conditions_count() -> None:
    rows = [
        *arm("allow", 1, 10), *arm("none", 5, 10),
        *arm("allow", 10, 10, factor_target="inanimate_job"),
    ]  # fmt: skip
    row = contrasts(table(*rows), [ALLOW]).row(0, named=True)
    assert row["difference"] == pytest.approx(-0.4) and row["n_level"] == 10 and row["n_unmatched"] == 10


def test_where_restricts_both_arms() -> None:
    rows = [*arm("allow", 1, 10), *arm("none", 5, 10)]
    rows += [*arm("allow", 9, 10, factor_target="job"), *arm("none", 2, 10, factor_target="job")]
    row = contrasts(table(*rows), [ALLOW | {"where": {"target": "job"}}]).row(0, named=True)
    assert row["difference"] == pytest.approx(0.7)


@pytest.mark.parametrize(
    "contrast", [ALLOW | {"level": "avoid"}, ALLOW | {"factor": "stake"}, ALLOW | {"where": {"nudge": "x"}}]
)
def test_missing_arm_has_words_and_no_number(contrast: dict[str, object]) -> None:
    found = contrasts(table(*arm("allow", 1, 2), *arm("none", 1, 2)), [contrast])
    assert found["status"].str.starts_with("missing arm: no valid trial of ").all()
    assert found.select("difference", "low", "high", "rate_level").null_count().row(0) == (2, 2, 2, 2)


def test_invalid_trials_make_no_arm() -> None:
    frame = table(*cell({"invalid": 5}, factor_instruction="allow"), *arm("none", 1, 5))
    assert contrasts(frame, [ALLOW])["status"].to_list() == ["missing arm: no valid trial of instruction=allow"] * 2


def test_each_model_has_its_rows_and_a_broken_contrast_is_named() -> None:
    rows = [t for m in "xy" for level in ("allow", "none") for t in arm(level, 1, 3, model=m)]
    assert contrasts(table(*rows), [ALLOW])["model"].to_list() == ["x", "x", "y", "y"]
    with pytest.raises(TableError, match="lacks against"):
        contrasts(table(*rows), [{k: v for k, v in ALLOW.items() if k != "against"}])
