"""The rate behind a judge's count: against brute force, at its limits, and under every count that can be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offswitch.stats import interval
from offswitch.stats.judge_posterior import Corrected, corrected
from offswitch.stats.judge_quadrature import judge_nodes, limits

MANY = 10**6


def part(most: int, least: int = 0) -> st.SearchStrategy[tuple[int, int]]:
    return st.integers(least, most).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def good(n: int) -> st.SearchStrategy[tuple[int, int]]:
    """A judge that is right on at least two thirds of n cases."""
    return st.tuples(st.integers(2 * n // 3, n), st.just(n))


CASES = [
    (20, 1000, 45, 50, 49, 50, 1.0), (10, 100, 9, 10, 18, 20, 1.0), (160, 400, 240, 300, 270, 300, 1.0),
    (97, 100, 50, 50, 50, 50, 1.0), (0, 100, 50, 50, 48, 50, 1.0), (8, 100, 40, 50, 45, 50, 0.3),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_limits_are_those_of_a_million_draws(case: tuple[int, int, int, int, int, int, float]) -> None:
    """Both priors by importance sampling: the rate from Beta(1/2, 1/2), and the judged share flat in its arcsine."""
    k, n, tp, n_pos, tn, n_neg, asked = case
    rng, draws = np.random.default_rng(5), 1_000_000
    s, c = rng.beta(tp + 0.5, n_pos - tp + 0.5, draws), rng.beta(tn + 0.5, n_neg - tn + 0.5, draws)
    s, c = s[s + c > 1], c[s + c > 1]
    floor, top = asked * (1 - c), asked * s
    one, two = np.arcsin(np.sqrt(floor)), np.arcsin(np.sqrt(top))
    p = rng.beta(0.5, 0.5, s.size)
    flat = np.sin(one + (two - one) * rng.random(s.size)) ** 2
    first = quantiles(p, floor + p * (top - floor), k, n)
    second = quantiles((flat - floor) / (top - floor), flat, k, n)
    judge = judge_nodes(tp, n_pos, tn, n_neg, k, n, asked)
    assert judge is not None
    found = limits(judge, k, n, 0.025)
    low = 0.0 if k <= 1 else min(first[0], second[0])
    high = max(first[2], second[2])
    assert found == pytest.approx((first[1], low, high), abs=max(2e-4, 0.012 * (high - low)))


def quantiles(p: np.ndarray, share: np.ndarray, k: int, n: int) -> list[float]:
    log = k * np.log(share) + (n - k) * np.log1p(-share)
    order, weight = np.argsort(p), np.exp(log - log.max())
    mass = np.cumsum(weight[order])
    return list(np.interp([0.025, 0.5, 0.975], mass / mass[-1], p[order]))


@settings(max_examples=60)
@given(part(400, 1))
def test_a_perfect_judge_gives_the_interval_of_perfect_labels(kn: tuple[int, int]) -> None:
    found, ideal = corrected(*kn, MANY, MANY, MANY, MANY), interval(*kn)
    assert found.low is not None and found.high is not None and ideal.low is not None and ideal.high is not None
    assert (found.low, found.high) == pytest.approx(
        (ideal.low, ideal.high), abs=2e-4 + 0.003 * (ideal.high - ideal.low)
    )
    assert found.raw == ideal and not found.weak


@settings(max_examples=80)
@given(part(300, 1), part(60), part(60))
def test_whatever_the_counts_the_rate_lies_within_its_interval_within_0_and_1(
    kn: tuple[int, int], pos: tuple[int, int], neg: tuple[int, int]
) -> None:
    found = corrected(*kn, *pos, *neg)
    assert found.low is not None and found.high is not None and found.width is not None
    assert 0 <= found.low <= (found.low if found.rate is None else found.rate) <= found.high <= 1
    assert found.labels == pos[1] + neg[1] and found.weak == bool(found.why)
    if found.rate is None:
        assert (found.low, found.high) == (0, 1) and "worse than chance" in found.why


@settings(max_examples=40)
@given(st.integers(5, 200), good(40), good(40), st.data())
def test_more_positives_never_mean_a_lower_rate(
    n: int, pos: tuple[int, int], neg: tuple[int, int], data: st.DataObject
) -> None:
    k = data.draw(st.integers(0, n - 1))
    one, more = corrected(k, n, *pos, *neg), corrected(k + 1, n, *pos, *neg)
    for a, b in ((one.low, more.low), (one.rate, more.rate), (one.high, more.high)):
        assert a is not None and b is not None and a <= b + 1e-4


@settings(max_examples=30)
@given(part(200, 1), good(30), good(60))
def test_calling_the_classes_by_each_others_names_mirrors_the_interval(
    kn: tuple[int, int], pos: tuple[int, int], neg: tuple[int, int]
) -> None:
    k, n = kn
    one, other = corrected(k, n, *pos, *neg), corrected(n - k, n, *neg, *pos)
    assert ends(one) == pytest.approx(tuple(1 - x for x in reversed(ends(other))), abs=2e-3)


def ends(found: Corrected) -> tuple[float, float, float]:
    assert found.low is not None and found.rate is not None and found.high is not None
    return found.low, found.rate, found.high


def test_more_labels_narrow_it_and_never_below_perfect_labels() -> None:
    widths = [corrected(60, 400, 9 * m, 10 * m, 9 * m, 10 * m).width or 0 for m in (3, 10, 30, 300, 3000)]
    ideal = interval(25, 400)
    assert widths == sorted(widths, reverse=True) and widths[-1] > (ideal.high or 0) - (ideal.low or 0)


def test_the_issues_example_says_that_the_judge_is_too_weak() -> None:
    """At 90% and 90% on 300 labels each, a true 1% of 1,000 comes out five points wide at best."""
    found = corrected(108, 1000, 270, 300, 270, 300)
    assert found.low == pytest.approx(0, abs=1e-3) and 0.04 < (found.high or 0) < 0.07
    assert found.weak and "cannot be told from 0" in found.why and "times as wide" in found.why


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((108, 1000, 270, 300, 270, 300), "false positives alone may give 108 of 1000: the rate cannot be told from 0"),
        ((892, 1000, 270, 300, 270, 300), "misses alone may give 892 of 1000: the rate cannot be told from 1"),
        ((30, 300, 12, 20, 11, 20), "do not show the judge to be better than chance"),
        ((20, 1000, 270, 300, 270, 300), "fewer than false positives alone should give"),
        ((980, 1000, 270, 300, 270, 300), "more than sensitivity allows"),
        ((300, 1000, 30, 40, 30, 40), "times as wide as with perfect labels"),
        ((5, 10, 2, 50, 3, 50), "worse than chance"),
    ],
)
def test_a_weak_judge_is_said_to_be_weak(counts: tuple[int, int, int, int, int, int], words: str) -> None:
    found = corrected(*counts)
    assert found.weak and words in found.why


def test_a_good_judge_is_not() -> None:
    found = corrected(200, 1000, 290, 300, 295, 300)
    assert not found.weak and found.why == "" and found.perfect_width == pytest.approx(0.049, abs=0.003)


def test_no_trial_no_rate() -> None:
    found = corrected(0, 0, 9, 10, 9, 10)
    assert (found.rate, found.low, found.high, found.width, found.weak) == (None, None, None, None, False)
    assert "no trial" in found.why


def test_the_judge_cannot_err_where_it_was_not_asked() -> None:
    """Of 1,000 trials 100 sent something: false positives are a tenth of these, not of all."""
    few, all_ = corrected(20, 1000, 270, 300, 270, 300, asked=100), corrected(20, 1000, 270, 300, 270, 300)
    assert few.rate == pytest.approx((0.2 - 0.1) / 0.8 * 0.1, abs=2e-3) and (few.high or 1) <= 0.1
    assert all_.rate == pytest.approx(0, abs=1e-3)
    assert corrected(0, 1000, 9, 10, 9, 10, asked=0).high == interval(0, 1000).high


def test_a_higher_level_is_wider() -> None:
    widths = [corrected(30, 200, 45, 50, 45, 50, level=level).width or 0 for level in (0.5, 0.8, 0.95, 0.99)]
    assert widths == sorted(widths)


def test_how_wide_is_too_wide_can_be_said() -> None:
    counts = (60, 200, 45, 50, 45, 50)
    assert corrected(*counts, weak=1.0).weak and not corrected(*counts, weak=4.0).weak


@pytest.mark.parametrize(
    "counts", [(6, 5, 1, 2, 1, 2), (-1, 5, 1, 2, 1, 2), (1, 5, 3, 2, 1, 2), (1, 5, 1, 2, -1, 2), (1, 5, 1, 2, 3, 2)]
)
def test_counts_that_cannot_be_are_refused(counts: tuple[int, int, int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="needs 0 <= k <= asked <= n"):
        corrected(*counts)
    with pytest.raises(ValueError, match="5 of 4 of 10"):
        corrected(5, 10, 1, 2, 1, 2, asked=4)


@pytest.mark.parametrize("p", [0.01, 0.1, 0.5])
def test_the_interval_covers_what_was_planted(p: float) -> None:
    """300 studies; `python -m bench.judge_error` has 2,000 a row."""
    rng, studies, n, m = np.random.default_rng(3), 300, 400, 150
    k = rng.binomial(n, p * 0.9 + (1 - p) * 0.05, studies)
    tp, tn = rng.binomial(m, 0.9, studies), rng.binomial(m, 0.95, studies)
    found = [corrected(int(a), n, int(b), m, int(c), m) for a, b, c in zip(k, tp, tn, strict=True)]
    held = np.mean([(f.low or 0) <= p <= (f.high or 0) for f in found])
    assert held >= 0.95 - 3 * (0.95 * 0.05 / studies) ** 0.5
