"""Prediction-powered rates: the published formula, its limits, and what is said where labels are few."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offswitch.stats import interval
from offswitch.stats.prediction_powered import ppi_rate


def drawn(n: int, labelled: int, p: float, right: float, seed: int) -> tuple[np.ndarray, np.ndarray, list[bool | None]]:
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < p
    judge = np.where(rng.random(n) < right, truth, ~truth)
    return truth, judge, [bool(t) if i < labelled else None for i, t in enumerate(truth)]


def test_the_published_estimate_and_interval() -> None:
    """PPI++ for a mean, of 4,000 trials and 500 labels: the same but for how variances are counted."""
    truth, judge, labels = drawn(4000, 500, 0.3, 0.87, 1)
    y, f, others = truth[:500].astype(float), judge[:500].astype(float), judge[500:].astype(float)
    tuning = np.cov(y, f)[0, 1] / ((1 + 500 / 3500) * judge.var())
    rate = tuning * others.mean() + (y - tuning * f).mean()
    half = 1.96 * math.sqrt(tuning**2 * others.var() / 3500 + (y - tuning * f).var() / 500)
    found = ppi_rate(judge, labels, 500 / 4000, kind="normal")
    assert (found.rate, found.low, found.high) == pytest.approx((rate, rate - half, rate + half), abs=2e-3)
    assert found.tuning * 3500 / 4000 == pytest.approx(tuning, abs=0.03)


def test_a_judge_of_no_use_costs_nothing() -> None:
    truth, _, labels = drawn(2000, 200, 0.4, 1.0, 2)
    found, alone = ppi_rate([1.0] * 2000, labels), interval(int(truth[:200].sum()), 200, kind="exact")
    assert found.tuning == 0 and found.rate == alone.rate
    assert found.width == pytest.approx((alone.high or 0) - (alone.low or 0), rel=0.02)


def test_a_perfect_judge_is_worth_all_its_trials() -> None:
    truth, judge, labels = drawn(2000, 200, 0.4, 1.0, 3)
    found, ideal = ppi_rate(judge, labels), interval(int(truth.sum()), 2000, kind="exact")
    assert found.tuning == pytest.approx(1, abs=0.02) and found.rate == pytest.approx(ideal.rate, abs=2e-3)
    assert (found.low, found.high) == pytest.approx((ideal.low, ideal.high), abs=4e-3)
    assert "only 0 stand against the judge" in found.why


def test_a_judge_that_says_the_opposite_is_as_good() -> None:
    _, judge, labels = drawn(1000, 200, 0.3, 0.9, 4)
    one, other = ppi_rate(judge, labels), ppi_rate(~judge, labels)
    assert (other.rate, other.low, other.high) == pytest.approx((one.rate, one.low, one.high))
    assert other.tuning == pytest.approx(-one.tuning)


def test_every_trial_labelled_is_the_plain_rate() -> None:
    truth, judge, _ = drawn(300, 300, 0.3, 0.8, 5)
    found = ppi_rate(judge, [bool(t) for t in truth])
    assert found.rate == pytest.approx(truth.mean())


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from([True, False, None]), st.floats(0.01, 1)), min_size=1, max_size=60
    )
)
def test_whatever_was_labelled_the_interval_holds_its_rate_within_0_and_1(
    rows: list[tuple[float, bool | None, float]],
) -> None:
    judge, labels, chances = ([r[i] for r in rows] for i in range(3))
    if all(label is None for label in labels):
        with pytest.raises(ValueError, match="one label"):
            ppi_rate(judge, labels, chances)
        return
    for kind in ("effective", "normal"):
        found = ppi_rate(judge, labels, chances, kind=kind)  # type: ignore[arg-type]
        assert 0 <= found.low <= found.rate <= found.high <= 1 and math.isfinite(found.tuning)
        assert found.labelled == sum(label is not None for label in labels)


@settings(max_examples=50)
@given(st.integers(0, 2**32), st.floats(0.05, 1))
def test_one_probability_for_all_is_as_good_as_another(seed: int, chance: float) -> None:
    _, judge, labels = drawn(200, 60, 0.4, 0.8, seed)
    assert ppi_rate(judge, labels, chance).rate == pytest.approx(ppi_rate(judge, labels).rate)


@pytest.mark.parametrize("value", [True, False])
def test_labels_of_one_class_leave_the_judge_aside_and_say_so(value: bool) -> None:
    found, alone = ppi_rate([0.0, 1.0] * 30, [value] * 25 + [None] * 35), interval(25 * value, 25)
    assert found.kind == "labels" and (found.rate, found.low, found.high) == (float(value), alone.low, alone.high)
    assert found.why == "all 25 labels are of one class: the interval is of the labels alone"


def test_few_labels_of_a_kind_are_said_to_be_few() -> None:
    labels = [True] * 3 + [False] * 57 + [None] * 100
    found = ppi_rate([1.0] * 10 + [0.0] * 150, labels)
    assert "only 3 say positive:" in found.why
    _, judge, many = drawn(1000, 300, 0.4, 0.8, 7)
    assert ppi_rate(judge, many).why == ""


def test_weights_undo_an_unequal_choice() -> None:
    """All of what the judge called positive, a tenth of the rest: unweighted labels would say 0.6, the rate is 0.2."""
    rng, found, n = np.random.default_rng(8), [], 3000
    for _ in range(30):
        truth = rng.random(n) < 0.2
        judge = np.where(rng.random(n) < 0.9, truth, ~truth)
        chance = np.where(judge, 1.0, 0.1)
        labels = [bool(t) if s else None for t, s in zip(truth, rng.random(n) < chance, strict=True)]
        found.append(ppi_rate(judge, labels, list(chance)))
    assert np.mean([f.rate for f in found]) == pytest.approx(0.2, abs=0.008)
    assert np.mean([f.low <= 0.2 <= f.high for f in found]) >= 0.8


@pytest.mark.parametrize(
    ("judge", "labels", "chance", "words"),
    [
        ([0.5, 1.5], [True, False], 1.0, r"in \[0, 1\]"), ([0.5, 0.5], [True, False], 0.0, r"in \(0, 1\]"),
        ([0.5], [True, False], 1.0, "a reading"), ([0.5, 0.5], [True, False], [0.5], "a reading"),
        ([0.5, 0.5], [True, False], [0.5, None], r"in \(0, 1\]"), ([], [], 1.0, "one label"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(judge: list[float], labels: list[bool], chance: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ppi_rate(judge, labels, chance)


def test_the_interval_covers_what_was_planted_more_often_than_the_published_one() -> None:
    """A rate of 0.1, 50 labels of 1,000 trials, a judge of 90%: 400 studies (`python -m bench.judge_error` has more)."""
    held = np.zeros(2)
    for seed in range(400):
        _, judge, labels = drawn(1000, 50, 0.1, 0.9, seed)
        for i, kind in enumerate(("effective", "normal")):
            found = ppi_rate(judge, labels, kind=kind)  # type: ignore[arg-type]
            held[i] += found.low <= 0.1 <= found.high
    assert held[1] / 400 < 0.91 < held[0] / 400
