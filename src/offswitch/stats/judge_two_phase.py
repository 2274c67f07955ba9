"""The true rate where a person checked every trial that the judge called positive and a random sample of the others.

This is two-phase (double) sampling: the judge sorts all trials into strata, people label some of each. What was labelled is
known; of the u others in a stratum, the number that a person would call positive has the beta-binomial predictive
distribution of x of m labelled with Jeffreys' prior (Ericson 1969, Journal of the Royal Statistical Society B 31(2)). Summed
over the strata it is the posterior of the count that perfect labels would have given, and the rate is the mixture of the
posteriors that each such count would have had (multiple imputation; Rubin 1987, chapter 3). With every trial labelled it is
the interval of `intervals.interval`.

Jeffreys' prior on the misses among many unlabelled trials claims misses where none were found, and too few where some went
unseen by chance. So the limits take from the interval of one proportion its modification near the ends: in a stratum with no
positive or one among those labelled, the lower limit counts none further; with none, the upper limit takes the exact tail
(Beta(1, m)); and likewise at the other end. A stratum without a label may hold anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import signal
from scipy.optimize import brentq
from scipy.special import betainc
from scipy.stats import betabinom

Floats = NDArray[np.floating[Any]]
Side = Literal["low", "middle", "high"]
_SIDES: tuple[Side, ...] = ("low", "middle", "high")
_FINE, _COARSE = (400, 1e-12), (32, 1e-7)  # steps of one count and the weight left out, and of each of two
_OTHER: dict[Side, Side] = {"low": "high", "middle": "middle", "high": "low"}


@dataclass(frozen=True, slots=True)
class Stratum:
    """Trials that were chosen for labelling alike: `n` of them, of which `labelled` were labelled, and `true` of these positive.

    `judged`: what the judge called them. `informs`: whether they say anything of its errors; not where it was trained on them,
    nor where facts alone decided and it was not asked.
    """

    judged: bool
    n: int
    labelled: int
    true: int
    informs: bool = True


@dataclass(frozen=True, slots=True)
class Estimate:
    """A proportion from 0 to 1 with its interval. `rate` is None where nothing was found that it is a proportion of."""

    rate: float | None
    low: float
    high: float

    @property
    def width(self) -> float:
        """The width of the interval."""
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class TwoPhase:
    """The rate of `n` trials, `labelled` of them by people, and the judge's sensitivity and specificity on trials like them.

    These two are None where no trial says anything of the judge's errors.
    """

    n: int
    labelled: int
    rate: Estimate
    sensitivity: Estimate | None
    specificity: Estimate | None


@dataclass(frozen=True, slots=True)
class _Counts:
    """Possible numbers of hits and misses, and how probable each pair is."""

    hits: Floats
    misses: Floats
    weight: Floats


def two_phase(
    strata: Sequence[Stratum], *, level: float = 0.95, target: Literal["rate", "trials"] = "rate"
) -> TwoPhase:
    """Return the true rate, the judge's sensitivity and specificity, from strata of which each was labelled at random.

    Point values are the stratified ones (Cochran 1977, chapter 12): a label stands for n / labelled trials of its stratum.
    Only where a stratum has no label are they the median of the posterior.

    `target`: "rate" is the probability that these trials are a sample of, as for every other rate here; "trials" the share
    of just these trials, certain where all are labelled. Raises ValueError for counts that cannot be, no trial at all, or a
    level outside (0, 1).
    """
    rate = true_rate(strata, level=level, target=target)
    fresh, tails = [s for s in strata if s.informs], _tails(level)
    errors = [_error(fresh, positive, tails) for positive in (True, False)]
    return TwoPhase(sum(s.n for s in strata), sum(s.labelled for s in strata), rate, *errors)


def true_rate(
    strata: Sequence[Stratum], *, level: float = 0.95, target: Literal["rate", "trials"] = "rate"
) -> Estimate:
    """Return the rate of `two_phase` alone, which is quick."""
    _possible(strata, level)
    quantile = _quantile if target == "rate" else _share
    low, middle, high = (
        quantile(_rate(strata, side), tail, side) for side, tail in zip(_SIDES, _tails(level), strict=True)
    )
    if target == "rate":
        low, high = _opened(low, high, sum(s.true for s in strata), sum(s.labelled - s.true for s in strata))
    value = _weighted(strata) / sum(s.n for s in strata) if _known(strata) else middle
    return Estimate(value, low, high)


def _tails(level: float) -> tuple[float, float, float]:
    return (1 - level) / 2, 0.5, (1 + level) / 2


def _possible(strata: Sequence[Stratum], level: float) -> None:
    if wrong := [s for s in strata if not 0 <= s.true <= s.labelled <= s.n]:
        raise ValueError(f"a stratum needs 0 <= true <= labelled <= n; given {wrong[0]}")
    if not sum(s.n for s in strata) or not 0 < level < 1:
        raise ValueError(f"two phases need a trial and a level between 0 and 1; given {len(strata)} strata, {level}")


def _rate(strata: Sequence[Stratum], side: Side) -> _Counts:
    count, weight = _true(strata, side, _FINE)
    return _Counts(count, sum(s.n for s in strata) - count, weight)


def _judged(strata: Sequence[Stratum], side: Side, positive: bool) -> _Counts:
    """Return what the judge got right and wrong of the truly positive trials, or of the others.

    The high side of either has many true ones among those judged positive, and few that the judge missed.
    """
    yes, no = ([s for s in strata if s.judged is judged] for judged in (True, False))
    detail = _FINE if _certain(yes) or _certain(no) else _COARSE
    (right, w), (missed, v) = _true(yes, side, detail), _true(no, _OTHER[side], detail)
    if positive:
        return _pairs(right, w, missed, v)
    return _pairs(sum(s.n for s in no) - missed, v, sum(s.n for s in yes) - right, w)


def _certain(strata: Sequence[Stratum]) -> bool:
    return all(s.labelled == s.n for s in strata)


def _pairs(hits: Floats, w: Floats, misses: Floats, v: Floats) -> _Counts:
    a, b = np.meshgrid(hits, misses, indexing="ij")
    return _Counts(a.ravel(), b.ravel(), np.multiply.outer(w, v).ravel())


def _true(strata: Sequence[Stratum], side: Side, detail: tuple[int, float]) -> tuple[Floats, Floats]:
    """Return the possible numbers of truly positive trials and their probabilities, in at most so many steps."""
    weight = np.ones(1)
    for s in strata:
        weight = np.maximum(signal.convolve(weight, _unlabelled(s.n - s.labelled, s.labelled, s.true, side)), 0)
    count = sum(s.true for s in strata) + np.arange(weight.size)
    keep = weight > detail[1] * weight.max()
    count, weight = count[keep], weight[keep] / weight[keep].sum()
    starts = np.unique(np.linspace(0, weight.size, detail[0], endpoint=False).astype(int))
    total = np.add.reduceat(weight, starts)
    return np.add.reduceat(weight * count, starts) / total, total


def _unlabelled(others: int, labelled: int, true: int, side: Side) -> Floats:
    """Return the distribution of the positives among the others, from none to all."""
    if side == "low":
        return _unlabelled(others, labelled, labelled - true, "high")[::-1]
    a, b = true + 0.5, labelled - true + 0.5
    if side == "high" and labelled and true == 0:
        a, b = 1.0, float(labelled)
    elif side == "high" and true >= labelled - 1:
        return np.asarray(np.arange(others + 1) == others, float)
    return np.asarray(betabinom.pmf(np.arange(others + 1), others, a, b))


def _error(fresh: Sequence[Stratum], positive: bool, tails: Sequence[float]) -> Estimate | None:
    """Return sensitivity (of `positive`) or specificity, from trials that say something of the judge's errors."""
    if not fresh:
        return None
    low, middle, high = (
        _quantile(_judged(fresh, side, positive), tail, side) for side, tail in zip(_SIDES, tails, strict=True)
    )
    such = fresh if positive else [replace(s, true=s.labelled - s.true) for s in fresh]
    right, wrong = ([s for s in such if s.judged is judged] for judged in (positive, not positive))
    low, high = _opened(low, high, sum(s.true for s in right), sum(s.true for s in wrong))
    if not _known(fresh):
        return Estimate(middle, low, high)
    whole = _weighted(such)
    return Estimate(_weighted(right) / whole if whole else None, low, high)


def _known(strata: Sequence[Stratum]) -> bool:
    return all(s.labelled or not s.n for s in strata)


def _weighted(strata: Sequence[Stratum]) -> float:
    """Return how many truly positive trials the labels stand for."""
    return sum(s.n * s.true / s.labelled for s in strata if s.labelled)


def _opened(low: float, high: float, hits: int, misses: int) -> tuple[float, float]:
    """Open the interval where at most one hit, or at most one miss, was found, as `intervals.interval` does."""
    none = hits == misses == 0
    return 0.0 if none or hits <= 1 <= misses else low, 1.0 if none or misses <= 1 <= hits else high


def _quantile(counts: _Counts, tail: float, side: Side) -> float:
    """Return the quantile of the mixture of Jeffreys posteriors; the exact tail where there was no hit, or no miss."""
    a, b = counts.hits + 0.5, counts.misses + 0.5
    if side == "high":
        bare = (counts.hits == 0) & (counts.misses > 0)
        a, b = np.where(bare, 1.0, a), np.where(bare, counts.misses, b)
    if side == "low":
        bare = (counts.misses == 0) & (counts.hits > 0)
        a, b = np.where(bare, counts.hits, a), np.where(bare, 1.0, b)
    return float(brentq(lambda p: counts.weight @ betainc(a, b, p) - tail, 0.0, 1.0, xtol=1e-10))


def _share(counts: _Counts, tail: float, side: Side) -> float:
    """Return the quantile of the share of hits among these trials themselves."""
    at = int(np.searchsorted(np.cumsum(counts.weight), tail - 1e-12, side="right" if side == "low" else "left"))
    at = min(at, counts.hits.size - 1)
    return float(counts.hits[at] / (counts.hits[at] + counts.misses[at]))
