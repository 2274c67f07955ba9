"""The integral behind `judge_posterior`: over sensitivity, specificity and the rate, each on the arcsine scale.

There Jeffreys' prior is flat, the likelihoods are smooth and even about both ends, and the midpoint rule converges
geometrically: the steps are 1.2 standard errors of what the data say, which leaves an error of some 1e-6.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv

Floats = NDArray[np.floating[Any]]
_RIGHT, _TAIL, _HOPELESS, _COARSE, _FINE, _BLOCK = np.pi / 2, 1e-7, 1e-3, 40, 128, 4_000_000


@dataclass(frozen=True, slots=True)
class Judge:
    """The posterior of the judge from its labels alone, as weighted nodes: a trial is called positive with probability `floor`
    where no trial is, and `top` where all are that it was asked of.

    `flat` are the weights with the second prior's factor. `better` is the probability of s + c > 1 before that was taken for
    granted.
    """

    floor: Floats
    top: Floats
    weight: Floats
    flat: Floats
    better: float


def judge_nodes(tp: int, n_pos: int, tn: int, n_neg: int, k: int, n: int, asked: float) -> Judge | None:
    """Return the posterior from the labels, on nodes close enough for k of n; None if they show a judge worse than chance.

    `asked` is the share of the n trials that the judge was asked of; it calls no other positive.
    """
    s, ws, hs = _nodes(tp, n_pos, k, n)
    c, wc, hc = _nodes(tn, n_neg, n - k, n)
    gap = np.add.outer(s, c) - _RIGHT  # s + c > 1 on the arcsine scale; a node at the edge counts by its part inside
    before = np.multiply.outer(ws, wc)
    weight = before * np.clip(gap / (hs + hc) + 0.5, 0, 1)
    better = float(weight.sum() / before.sum())
    if better < _HOPELESS:
        return None
    keep = weight > 1e-9 * weight.max()
    top, floor = (asked * np.broadcast_to(x, gap.shape)[keep] for x in (np.sin(s)[:, None] ** 2, np.cos(c) ** 2))
    weight, apart = weight[keep] / weight[keep].sum(), np.arcsin(np.sqrt(top)) - np.arcsin(np.sqrt(floor))
    slope = np.divide(top - floor, apart, out=2 * np.sqrt(top * (1 - top)), where=np.abs(apart) > 1e-9)
    return Judge(floor, top, weight, weight * slope, better)


def _nodes(hits: int, n: int, k: int, trials: int) -> tuple[Floats, Floats, float]:
    """Return midpoints on the arcsine scale, their weights, and the step: 1.2 standard errors of all that bears on it.

    Beside the n cases those are the trials in which it can have been the one to answer, of which k were answered its way.
    """
    ends = betaincinv(hits + 0.5, n - hits + 0.5, [_TAIL, 1 - _TAIL])
    most = trials * min(1.0, float(betaincinv(k + 0.5, trials - k + 0.5, 1 - _TAIL) / ends[0]))
    low, high = (0.0 if hits == 0 else _angle(ends[0])), (_RIGHT if hits == n else _angle(ends[1]))
    count = max(24, int(np.ceil((high - low) * 2 * np.sqrt(n + most + 1) / 1.2)))
    step = (high - low) / count
    at = low + step * (np.arange(count) + 0.5)
    log = 2 * (hits * np.log(np.sin(at)) + (n - hits) * np.log(np.cos(at)))
    return at, np.exp(log - log.max()), step


def _angle(rate: float) -> float:
    return float(np.arcsin(np.sqrt(rate)))


def limits(judge: Judge, k: int, n: int, tail: float) -> tuple[float, float, float]:
    """Return the median, and the outer limits of the two posteriors, modified near the ends as for perfect labels."""
    at, log, first, second = posteriors(judge, k, n, tail)
    low, high = min(first[0], second[0]), max(first[2], second[2])
    if k == 0:
        high = max(high, _rate(float(np.interp(-np.log(tail), -log, at))))
    elif k >= n - 1:
        high = 1.0
    if k == n:
        low = min(low, _rate(float(np.interp(np.log(tail), log, at))))
    elif k <= 1:
        low = 0.0
    return first[1], low, high


def posteriors(judge: Judge, k: int, n: int, tail: float) -> tuple[Floats, Floats, list[float], list[float]]:
    """Return a grid of p on the arcsine scale, the log probability of k of n there (up to the binomial coefficient), and the
    lower limit, median and upper limit of the first posterior and of the second.
    """
    at, step, log, ratio = _posterior(judge, k, n)
    density, at_tails = np.exp(log - log.max()), [tail, 0.5, 1 - tail]
    return at, log, _quantiles(at, step, density, at_tails), _quantiles(at, step, density * ratio, at_tails)


def _rate(angle: float) -> float:
    return float(np.sin(angle) ** 2)


def _quantiles(at: Floats, step: float, density: Floats, tails: list[float]) -> list[float]:
    mass = np.concatenate([[0.0], np.cumsum(density)])
    edges = np.append(at - step / 2, at[-1] + step / 2)
    return [_rate(x) for x in np.interp(tails, mass / mass[-1], edges)]


def _posterior(judge: Judge, k: int, n: int) -> tuple[Floats, float, Floats, Floats]:
    """Return the grid of p on the arcsine scale, its step, the log likelihood there, and the second posterior over the first.

    Coarse grids find where the mass is, each within the one before; the last is fine.
    """
    low, high = 0.0, _RIGHT
    for _ in range(12):
        at, step = _grid(low, high, _COARSE)
        log, ratio = _likelihood(judge, k, n, at)
        there = np.flatnonzero(np.maximum(log, log + np.log(ratio)) > log.max() + np.log(_TAIL))
        low, high = max(0.0, at[there[0]] - 1.5 * step), min(_RIGHT, at[there[-1]] + 1.5 * step)
        if len(there) > _COARSE / 4:
            break
    at, step = _grid(low, high, _FINE)
    return at, step, *_likelihood(judge, k, n, at)


def _grid(low: float, high: float, count: int) -> tuple[Floats, float]:
    step = (high - low) / count
    return low + step * (np.arange(count) + 0.5), step


def _likelihood(judge: Judge, k: int, n: int, at: Floats) -> tuple[Floats, Floats]:
    """Return, for each p, the log probability of k up to the binomial coefficient, and the second posterior over the first."""
    blocks = np.array_split(at, max(1, at.size * judge.weight.size // _BLOCK))
    found = [_block(judge, k, n, block) for block in blocks]
    log, flat = (np.concatenate(part) for part in zip(*found, strict=True))
    return log, flat * np.sin(2 * at)


def _block(judge: Judge, k: int, n: int, at: Floats) -> tuple[Floats, Floats]:
    positive = judge.floor + (np.sin(at) ** 2)[:, None] * (judge.top - judge.floor)
    negative = 1 - positive
    log = k * np.log(positive) + (n - k) * np.log(negative)
    top = log.max(axis=1, keepdims=True)
    share = np.exp(log - top)
    first, second = share @ judge.weight, (share / np.sqrt(positive * negative)) @ judge.flat
    return top[:, 0] + np.log(first), second / first


def tails(judge: Judge, k: int, n: int) -> tuple[float, float, float, float]:
    """Return the probability of k or more positives and of k or fewer were the rate 0; of k or fewer and k or more were it 1."""

    def at_least(count: int, chance: Floats) -> float:
        return 1.0 if count <= 0 else 0.0 if count > n else float(judge.weight @ betainc(count, n - count + 1, chance))

    return (
        at_least(k, judge.floor),
        1 - at_least(k + 1, judge.floor),
        1 - at_least(k + 1, judge.top),
        at_least(k, judge.top),
    )
