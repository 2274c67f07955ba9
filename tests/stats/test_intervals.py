import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaincinv

from offswitch.stats import coverage, interval

COUNTS = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
KINDS = ("jeffreys", "jeffreys_plain", "wilson", "exact")


@given(COUNTS)
def test_modified_jeffreys_is_that_of_brown_cai_dasgupta(kn: tuple[int, int]) -> None:
    k, n = kn
    low = 0.0 if k <= 1 else betaincinv(k + 0.5, n - k + 0.5, 0.025)
    high = 1.0 if k >= n - 1 else betaincinv(k + 0.5, n - k + 0.5, 0.975)
    if k == 0:
        high = 1 - 0.025 ** (1 / n)
    if k == n:
        low = 0.025 ** (1 / n)
    found = interval(k, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


@given(COUNTS)
def test_wilson_is_the_root_of_the_score_test(kn: tuple[int, int]) -> None:
    k, n = kn
    found = interval(k, n, kind="wilson")
    for p in (found.low, found.high):
        assert p is not None
        assert (k / n - p) ** 2 == pytest.approx(1.959963984540054**2 * p * (1 - p) / n, abs=1e-9)


@given(COUNTS)
def test_exact_holds_the_binomial_tails(kn: tuple[int, int]) -> None:
    k, n = kn
    found = interval(k, n, kind="exact")
    assert found.low is not None and found.high is not None
    at_least = sum(math.comb(n, i) * found.low**i * (1 - found.low) ** (n - i) for i in range(k, n + 1))
    at_most = sum(math.comb(n, i) * found.high**i * (1 - found.high) ** (n - i) for i in range(k + 1))
    assert at_least == pytest.approx(0.025 if k else 1.0, abs=1e-6)
    assert at_most == pytest.approx(0.025 if k < n else 1.0, abs=1e-6)


@given(COUNTS, st.sampled_from(KINDS), st.sampled_from((0.5, 0.9, 0.95, 0.99)))
def test_every_interval_is_sound(kn: tuple[int, int], kind: str, level: float) -> None:
    k, n = kn
    found, mirrored = interval(k, n, level, kind), interval(n - k, n, level, kind)
    assert 0 <= found.low <= found.rate <= found.high <= 1
    assert (found.low, found.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-9)
    assert (k > 0 or found.low == 0) and (k < n or found.high == 1)
    assert found.high - found.low > 0


def test_no_trial_no_rate() -> None:
    found = interval(0, 0)
    assert (found.rate, found.low, found.high) == (None, None, None)


@pytest.mark.parametrize(("k", "n", "level"), [(-1, 5, 0.95), (6, 5, 0.95), (1, 5, 1.0), (1, 5, 0.0)])
def test_nonsense_is_refused(k: int, n: int, level: float) -> None:
    with pytest.raises(ValueError, match="0 <= k <= n"):
        interval(k, n, level)


def test_unknown_kind_lists_the_valid_ones() -> None:
    with pytest.raises(ValueError, match="jeffreys, jeffreys_plain, wilson, exact"):
        interval(1, 2, kind="wald")  # type: ignore[arg-type]


@pytest.mark.parametrize("p", [0.0, 0.01, 0.05, 0.31, 0.5, 0.95, 1.0])
def test_simulated_coverage_agrees_with_the_exact_one(p: float) -> None:
    n, draws = 40, 20_000
    ks = np.random.default_rng(7).binomial(n, p, draws)
    table = [interval(k, n) for k in range(n + 1)]
    simulated = np.mean([table[k].low <= p <= table[k].high for k in ks])
    exact = coverage(n, p)
    error = math.sqrt(exact * (1 - exact) / draws)
    assert abs(simulated - exact) <= 4 * error + 1e-12


def test_the_modification_mends_the_dips_near_the_ends() -> None:
    n = 50
    grid = np.linspace(0, 0.2, 400)
    plain = min(coverage(n, p, kind="jeffreys_plain") for p in grid)
    modified = min(coverage(n, p) for p in grid)
    assert plain < 0.90 < 0.91 < modified
    assert all(coverage(n, p, kind="exact") >= 0.95 for p in grid)


@pytest.mark.parametrize(("n", "p"), [(0, 0.5), (5, -0.1), (5, 1.1)])
def test_coverage_refuses_nonsense(n: int, p: float) -> None:
    with pytest.raises(ValueError, match="coverage needs"):
        coverage(n, p)
