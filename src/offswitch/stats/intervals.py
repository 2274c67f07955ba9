"""Intervals for one proportion, and their exact coverage.

Jeffreys is the primary one: the equal-tailed interval of the Beta(1/2, 1/2) posterior, boundary-modified as in Brown,
Cai & DasGupta (2001), Statistical Science 16(2), section 4.1.1: at k = 0 it is [0, 1 - (a/2)^(1/n)], at k = n
[(a/2)^(1/n), 1]; at k = 1 its lower limit is 0 and at k = n - 1 its upper limit 1, so that coverage does not collapse
near the ends. statsmodels' own Jeffreys interval misses 0 and 1 there.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

Kind = Literal["jeffreys", "wilson", "exact"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A proportion k of n with its interval. `rate`, `low`, `high` are None where n is 0: never a zero."""

    k: int
    n: int
    rate: float | None
    low: float | None
    high: float | None
    level: float = 0.95


def interval(k: int, n: int, level: float = 0.95, kind: Kind = "jeffreys") -> Interval:
    """Return the interval of k positive in n trials. Raises ValueError unless 0 <= k <= n and 0 < level < 1."""
    if not 0 <= k <= n or not 0 < level < 1:
        raise ValueError(f"an interval needs 0 <= k <= n and a level between 0 and 1; given k={k}, n={n}, level={level}")
    if n == 0:
        return Interval(k, n, None, None, None, level)
    low, high = _jeffreys(k, n, level) if kind == "jeffreys" else _statsmodels(k, n, level, kind)
    return Interval(k, n, k / n, low, high, level)


def coverage(n: int, p: float, level: float = 0.95, kind: Kind = "jeffreys") -> float:
    """Return the exact probability that the interval from n trials holds the true rate p (binomial sum)."""
    weights = stats.binom.pmf(np.arange(n + 1), n, p)
    inside = [_holds(interval(k, n, level, kind), p) for k in range(n + 1)]
    return float(weights[np.array(inside)].sum())


def _holds(found: Interval, p: float) -> bool:
    return found.low is not None and found.high is not None and found.low <= p <= found.high


def _jeffreys(k: int, n: int, level: float) -> tuple[float, float]:
    tail = (1 - level) / 2
    low = 0.0 if k == 0 else float(stats.beta.ppf(tail, k + 0.5, n - k + 0.5))
    high = 1.0 if k == n else float(stats.beta.ppf(1 - tail, k + 0.5, n - k + 0.5))
    if k == 0:
        high = 1 - tail ** (1 / n)
    if k == n:
        low = tail ** (1 / n)
    if k == 1 and n > 1:
        low = 0.0
    if k == n - 1 and n > 1:
        high = 1.0
    return low, high


def _statsmodels(k: int, n: int, level: float, kind: Kind) -> tuple[float, float]:
    method = {"wilson": "wilson", "exact": "beta"}[kind]
    low, high = proportion_confint(k, n, alpha=1 - level, method=method)
    return (0.0 if k == 0 else float(low)), (1.0 if k == n else float(high))
