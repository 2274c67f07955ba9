"""Two phases: against brute force, against perfect labels, and where no miss was found."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from offswitch.stats import interval
from offswitch.stats.judge_error import Estimate, Stratum, two_phase

whole = st.integers(0, 120).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@st.composite
def strata(draw: st.DrawFn) -> list[Stratum]:
    """A stratum of judged positives and one or two of the others, labelled in any part."""
    out = []
    for judged in (True, False, False)[: draw(st.integers(2, 3))]:
        n = draw(st.integers(0, 80))
        labelled = draw(st.integers(0, n))
        out.append(Stratum(judged, n, labelled, draw(st.integers(0, labelled)), draw(st.booleans())))
    return out


def inside(found: Estimate) -> bool:
    return 0 <= found.low <= (found.low if found.rate is None else found.rate) <= found.high <= 1


@settings(max_examples=150)
@given(strata())
def test_whatever_was_labelled_every_interval_holds_its_value_within_0_and_1(parts: list[Stratum]) -> None:
    assume(sum(s.n for s in parts))
    for target in ("rate", "trials"):
        found = two_phase(parts, target=target)  # type: ignore[arg-type]
        assert inside(found.rate) and found.labelled == sum(s.labelled for s in parts) <= found.n
        assert all(e is None or inside(e) for e in (found.sensitivity, found.specificity))


@settings(max_examples=80)
@given(whole, whole)
def test_with_every_trial_labelled_it_is_the_interval_of_perfect_labels(
    pos: tuple[int, int], neg: tuple[int, int]
) -> None:
    k, n = pos[1] + neg[1], pos[0] + neg[0]
    assume(n)
    parts = [Stratum(True, pos[0], pos[0], pos[1]), Stratum(False, neg[0], neg[0], neg[1])]
    rate, ideal = two_phase(parts).rate, interval(k, n)
    assert (rate.rate, rate.low, rate.high) == pytest.approx((ideal.rate, ideal.low, ideal.high), abs=1e-7)
    assert two_phase(parts, target="trials").rate == Estimate(k / n, k / n, k / n)


@settings(max_examples=60)
@given(whole, whole)
def test_sensitivity_and_specificity_are_proportions_where_all_is_labelled(
    pos: tuple[int, int], neg: tuple[int, int]
) -> None:
    """tp of those truly positive, tn of the others: the interval of one proportion, each."""
    assume(pos[0] + neg[0])
    found = two_phase([Stratum(True, pos[0], pos[0], pos[1]), Stratum(False, neg[0], neg[0], neg[1])])
    right, wrong = (pos[1], neg[0] - neg[1]), (neg[1], pos[0] - pos[1])
    for estimate, k, n in zip(
        (found.sensitivity, found.specificity), right, (a + b for a, b in zip(right, wrong, strict=True)), strict=True
    ):
        ideal = interval(k, n)
        assert estimate is not None
        if n:
            assert (estimate.rate, estimate.low, estimate.high) == pytest.approx(
                (ideal.rate, ideal.low, ideal.high), abs=1e-7
            )
        else:
            assert estimate == Estimate(None, 0.0, 1.0)


def test_limits_are_those_of_a_million_draws() -> None:
    """40 judged positive of whom 30 are, 360 others of whom 3 of 60 labelled are."""
    rng, draws = np.random.default_rng(2), 1_000_000
    missed = 3 + rng.binomial(300, rng.beta(3.5, 57.5, draws))
    rate = rng.beta(30 + missed + 0.5, 400 - 30 - missed + 0.5)
    sensitivity = rng.beta(30.5, missed + 0.5)
    specificity = rng.beta(360 - missed + 0.5, 10.5)
    found = two_phase([Stratum(True, 40, 40, 30), Stratum(False, 360, 60, 3)])
    for estimate, drawn in ((found.rate, rate), (found.sensitivity, sensitivity), (found.specificity, specificity)):
        assert estimate is not None
        assert (estimate.low, estimate.high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=2e-3)
    assert found.rate.rate == pytest.approx((30 + 360 * 3 / 60) / 400)
    assert found.sensitivity is not None and found.sensitivity.rate == pytest.approx(30 / (30 + 18))


@pytest.mark.parametrize("labelled", [10, 50, 200])
def test_no_miss_among_those_sampled_does_not_mean_that_there_is_none(labelled: int) -> None:
    """The upper limit leaves room for as many misses as would stay unseen one time in forty: 1 - 0.025^(1/m), and a little
    for the rate itself; the lower limit counts none."""
    found = two_phase([Stratum(True, 20, 20, 15), Stratum(False, 980, labelled, 0)]).rate
    unseen = 1 - 0.025 ** (1 / labelled)
    assert found.rate == 0.015 and found.low == pytest.approx(interval(15, 1000).low, abs=1e-6)
    assert 0.015 + 0.98 * unseen * (980 - labelled) / 980 <= found.high + 1e-3 < 0.015 + 0.98 * unseen + 0.02


@settings(max_examples=40)
@given(st.integers(1, 60), st.data())
def test_one_more_miss_found_never_means_a_lower_rate(labelled: int, data: st.DataObject) -> None:
    missed = data.draw(st.integers(0, labelled - 1))
    one, more = (
        two_phase([Stratum(True, 30, 30, 20), Stratum(False, 200, labelled, m)]).rate for m in (missed, missed + 1)
    )
    assert one.low <= more.low + 1e-9 and one.high <= more.high + 1e-9 and (one.rate or 0) < (more.rate or 0)


@settings(max_examples=40)
@given(strata())
def test_the_other_class_mirrors_it(parts: list[Stratum]) -> None:
    assume(sum(s.n for s in parts))
    found = two_phase(parts).rate
    other = two_phase([Stratum(not s.judged, s.n, s.labelled, s.labelled - s.true, s.informs) for s in parts]).rate
    # Limits are read off counts of whole trials, from below on the one side and from above on the other: 0.0012 apart at 22 trials.
    assert (found.low, found.high) == pytest.approx((1 - other.high, 1 - other.low), abs=5e-3)
    assert found.rate == pytest.approx(1 - (other.rate or 0), abs=1e-6)


def test_a_stratum_without_a_label_may_hold_anything() -> None:
    found = two_phase([Stratum(True, 10, 10, 8), Stratum(False, 90, 0, 0)], target="trials").rate
    assert (found.low, found.high) == (0.08, 0.98)


def test_trials_that_tell_nothing_of_the_judge_still_count() -> None:
    own = [Stratum(True, 10, 10, 8), Stratum(False, 90, 30, 1)]
    known = Stratum(False, 100, 100, 50, informs=False)
    alone, beside = two_phase(own), two_phase([*own, known])
    assert beside.sensitivity == alone.sensitivity and beside.specificity == alone.specificity
    assert beside.rate.rate == pytest.approx((8 + 3 + 50) / 200)
    assert two_phase([known]).sensitivity is None


@pytest.mark.parametrize(
    "parts",
    [[Stratum(True, 5, 6, 1)], [Stratum(True, 5, 3, 4)], [Stratum(True, 5, 3, -1)], [Stratum(True, 0, 0, 0)], []],
)
def test_counts_that_cannot_be_are_refused(parts: list[Stratum]) -> None:
    with pytest.raises(ValueError, match="need"):
        two_phase(parts)
    with pytest.raises(ValueError, match="level"):
        two_phase([Stratum(True, 5, 5, 1)], level=1)


@pytest.mark.parametrize(("p", "sensitivity", "labelled"), [(0.01, 0.8, 50), (0.1, 0.6, 100), (0.5, 0.9, 50)])
def test_the_interval_covers_what_was_planted(p: float, sensitivity: float, labelled: int) -> None:
    """Both targets: the planted rate, and the share among the trials at hand."""
    rng, n, studies = np.random.default_rng(6), 400, 300
    held = np.zeros(2)
    for _ in range(studies):
        true = int(rng.binomial(n, p))
        found, false = int(rng.binomial(true, sensitivity)), int(rng.binomial(n - true, 0.1))
        others = n - found - false
        missed = int(rng.hypergeometric(true - found, others - true + found, labelled))
        parts = [Stratum(True, found + false, found + false, found), Stratum(False, others, labelled, missed)]
        for i, (target, value) in enumerate((("rate", p), ("trials", true / n))):
            rate = two_phase(parts, target=target).rate  # type: ignore[arg-type]
            held[i] += rate.low - 1e-9 <= value <= rate.high + 1e-9
    assert (held / studies >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / studies)).all()


def test_a_sample_of_a_hundred_thousand_is_no_slower_work_than_it_need_be() -> None:
    found = two_phase([Stratum(True, 900, 900, 800), Stratum(False, 99_100, 500, 1)]).rate
    missed = stats.betabinom(98_600, 1.5, 499.5).ppf(0.975)
    assert found.high == pytest.approx((801 + missed) / 100_000, rel=0.02)
