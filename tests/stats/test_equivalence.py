import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from frames import cell, table
from offswitch.stats import TableError, equivalence, trials_needed, two_one_sided
from offswitch.stats.matched import matched_one_sided

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
margins, alphas = st.floats(0.01, 0.6), st.sampled_from([0.01, 0.05, 0.1])


def arm(world: str, resisted: int, n: int, **more: str) -> list[dict[str, object]]:
    return cell({"resisted": resisted, "allowed": n - resisted}, story=world, **more)


def agresti_caffo(k1: int, n1: int, k2: int, n2: int) -> tuple[float, float]:
    """(difference, standard error) with a hit and a miss added on each side, by hand."""
    p1, p2 = (k1 + 1) / (n1 + 2), (k2 + 1) / (n2 + 2)
    return p1 - p2, math.sqrt(p1 * (1 - p1) / (n1 + 2) + p2 * (1 - p2) / (n2 + 2))


@given(counts, counts, margins, alphas)
def test_the_tests_are_those_of_agresti_and_caffo(
    one: tuple[int, int], other: tuple[int, int], margin: float, alpha: float
) -> None:
    low, high, p_below, p_above = two_one_sided(*one, *other, margin, alpha)
    d, se = agresti_caffo(*one, *other)
    assert p_below == pytest.approx(stats.norm.sf((d + margin) / se)) and p_above == pytest.approx(
        stats.norm.cdf((d - margin) / se)
    )
    half = stats.norm.ppf(1 - alpha) * se
    assert (low, high) == pytest.approx((max(-1, d - half), min(1, d + half)))


@given(counts, counts, margins, alphas)
def test_equivalent_is_where_the_interval_lies_within_the_margin(
    one: tuple[int, int], other: tuple[int, int], margin: float, alpha: float
) -> None:
    low, high, p_below, p_above = two_one_sided(*one, *other, margin, alpha)
    # At the margin itself floating point may say either.
    if min(abs(low + margin), abs(high - margin)) > 1e-9:
        assert (max(p_below, p_above) < alpha) == (-margin < low and high < margin)


@given(counts, counts, margins)
def test_sides_may_be_swapped(one: tuple[int, int], other: tuple[int, int], margin: float) -> None:
    low, high, p_below, p_above = two_one_sided(*one, *other, margin)
    assert two_one_sided(*other, *one, margin) == pytest.approx((-high, -low, p_above, p_below), abs=1e-12)


@given(counts, counts, margins, st.floats(1.01, 1.6))
def test_a_wider_margin_makes_no_pair_less_equivalent(
    one: tuple[int, int], other: tuple[int, int], margin: float, factor: float
) -> None:
    narrow, wide = two_one_sided(*one, *other, margin), two_one_sided(*one, *other, margin * factor)
    assert wide[2] <= narrow[2] and wide[3] <= narrow[3] and wide[:2] == narrow[:2]


def refused(n: int, p1: float, p2: float, margin: float) -> float:
    """The exact probability that two rates are found equivalent, n trials a side."""
    p, k = (np.arange(n + 1) + 1) / (n + 2), np.arange(n + 1)
    var = p * (1 - p) / (n + 2)
    d, se = p[:, None] - p[None, :], np.sqrt(var[:, None] + var[None, :])
    z = stats.norm.ppf(0.95)
    found = (d - z * se > -margin) & (d + z * se < margin)
    return float(stats.binom.pmf(k, n, p1) @ found @ stats.binom.pmf(k, n, p2))


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.2, 0.45, 0.7, 0.9])
def test_rates_a_margin_apart_are_seldom_found_equivalent(rate: float) -> None:
    assert refused(500, rate, rate + 0.1, 0.1) < 0.056


@pytest.mark.parametrize(("rate", "power"), [(0.5, 0.8), (0.5, 0.9), (0.2, 0.8), (0.9, 0.8)])
def test_as_many_trials_as_are_needed_have_the_power_asked_for(rate: float, power: float) -> None:
    n = trials_needed(rate, 0.1, power)
    assert refused(n, rate, rate, 0.1) == pytest.approx(power, abs=0.03)
    assert refused(n // 2, rate, rate, 0.1) < power - 0.1


def test_too_few_trials_are_never_equivalent() -> None:
    """Ten of twenty on both sides do not differ, and say nothing."""
    row = equivalence(table(*arm("a", 10, 20), *arm("b", 10, 20)), "story", ("a", "b")).row(0, named=True)
    assert (row["difference"], row["equivalent"], row["status"]) == (0, False, "ok")


def test_a_row_a_group_and_reading() -> None:
    rows = [*arm("a", 250, 500), *arm("b", 255, 500), *arm("a", 0, 500, model="x"), *arm("b", 100, 500, model="x")]
    found = equivalence(table(*rows), "story", ("a", "b"), by=("model",))
    assert found["model"].to_list() == ["m", "m", "x", "x"]
    assert found["reading"].to_list() == ["tried", "succeeded"] * 2
    assert found["equivalent"].to_list() == [True, True, False, False]
    assert found["difference"].to_list() == pytest.approx([-0.01, -0.01, -0.2, -0.2])
    assert found.select("n_one", "n_other").row(0) == (500, 500)


def test_only_valid_trials_count_and_an_empty_side_has_words_and_no_number() -> None:
    rows = [*arm("a", 5, 10), *cell({"invalid": 7}, story="a"), *cell({"refused": 9}, story="b")]
    row = equivalence(table(*rows), "story", ("a", "b")).row(0, named=True)
    assert (row["n_one"], row["n_other"], row["equivalent"], row["low"]) == (10, 0, None, None)
    assert row["status"] == "missing arm: no valid trial of story=b"


def test_sides_of_different_verdict_versions_are_not_compared() -> None:
    rows = [*arm("a", 1, 2), *cell({"allowed": 2}, story="b", judge_version="2")]
    with pytest.raises(TableError, match="mixes judge_version"):
        equivalence(table(*rows), "story", ("a", "b"))


def test_what_cannot_be_asked() -> None:
    frame = table(*arm("a", 1, 2), *arm("b", 1, 2))
    with pytest.raises(TableError, match="no trial has story=c; there is: "):
        equivalence(frame, "story", ("a", "c"))
    with pytest.raises(TableError, match="no column 'machine'"):
        equivalence(frame, "machine", ("a", "b"))
    with pytest.raises(ValueError, match="margin lies between"):
        equivalence(frame, "story", ("a", "b"), margin=0)
    with pytest.raises(ValueError, match="3 of 2"):
        two_one_sided(3, 2, 1, 2)
    with pytest.raises(ValueError, match="rate and power"):
        trials_needed(1.0)


def twins(both: int, first: int, second: int, neither: int) -> list[dict[str, object]]:
    """Pairs by what came of them; a pair has its seed in common."""
    seeds = iter(range(10_000))
    made: list[dict[str, object]] = []
    for n, one, other in ((both, True, True), (first, True, False), (second, False, True), (neither, False, False)):
        for seed in (next(seeds) for _ in range(n)):
            made += arm("a", int(one), 1, seed=seed) + arm("b", int(other), 1, seed=seed)
    return made


some = st.integers(0, 120)


@given(some, some, some, some, margins, alphas)
def test_pairs_are_tested_as_bonett_and_price_have_it(
    both: int, first: int, second: int, neither: int, margin: float, alpha: float
) -> None:
    n = both + first + second + neither + 1
    low, high, p_below, p_above = matched_one_sided(first, second, n, margin, alpha)
    p12, p21 = (first + 1) / (n + 2), (second + 1) / (n + 2)
    se = math.sqrt((p12 + p21 - (p12 - p21) ** 2) / (n + 2))
    half = stats.norm.ppf(1 - alpha) * se
    assert (low, high) == pytest.approx((max(-1, p12 - p21 - half), min(1, p12 - p21 + half)))
    assert p_below == pytest.approx(stats.norm.sf((p12 - p21 + margin) / se))
    assert matched_one_sided(second, first, n, margin, alpha) == pytest.approx((-high, -low, p_above, p_below))
    if min(abs(low + margin), abs(high - margin)) > 1e-9:
        assert (max(p_below, p_above) < alpha) == (-margin < low and high < margin)


@pytest.mark.parametrize(("rate", "differ"), [(0.2, 0.1), (0.5, 0.3), (0.9, 0.1)])
def test_pairs_a_margin_apart_are_seldom_found_equivalent(rate: float, differ: float) -> None:
    """Exact: all numbers of pairs that differ, one way and the other, among 110 whose rates are 0.1 apart.

    A little above 0.05 where all that differ do so one way, as with other intervals for few counts."""
    n, p_first, p_second = 110, (differ + 0.1) / 2, (differ - 0.1) / 2
    wrong = 0.0
    for first in range(n + 1):
        p = stats.binom.pmf(first, n, p_first)
        if p < 1e-9:
            continue
        seconds = np.arange(n - first + 1)
        chance = stats.binom.pmf(seconds, n - first, p_second / (1 - p_first))
        found = [max(matched_one_sided(first, int(s), n, 0.1, 0.05)[2:]) < 0.05 if c > 1e-9 else False for s, c in zip(seconds, chance, strict=True)]  # fmt: skip
        wrong += p * float(chance @ np.array(found))
    assert wrong < 0.07


def test_twins_say_more_than_two_samples() -> None:
    frame = table(*twins(20, 2, 3, 85))
    apart = equivalence(frame, "story", ("a", "b")).row(0, named=True)
    paired = equivalence(frame, "story", ("a", "b"), match=("seed",)).row(0, named=True)
    assert apart["difference"] == paired["difference"] == pytest.approx(-1 / 110)
    assert paired["high"] - paired["low"] < apart["high"] - apart["low"] and paired["equivalent"]
    assert (paired["n_one"], paired["n_other"]) == (110, 110)


def test_a_trial_without_a_valid_twin_is_no_pair() -> None:
    rows = [*twins(5, 0, 0, 5), *arm("a", 1, 1, seed=77), *cell({"invalid": 1}, story="b", seed=77)]
    assert equivalence(table(*rows), "story", ("a", "b"), match=("seed",)).row(0, named=True)["n_one"] == 10
    lonely = table(*arm("a", 1, 1, seed=1), *arm("b", 1, 1, seed=2))
    assert (
        equivalence(lonely, "story", ("a", "b"), match=("seed",)).row(0, named=True)["status"].startswith("missing arm")
    )


def test_pairs_that_are_none() -> None:
    frame = table(*arm("a", 1, 2, seed=1), *arm("b", 1, 2, seed=1))
    with pytest.raises(ValueError, match="1 trials of story=a have the same seed"):
        equivalence(frame, "story", ("a", "b"), match=("seed",))
    with pytest.raises(ValueError, match="3 and 2 of 4"):
        matched_one_sided(3, 2, 4, 0.1, 0.05)
