"""How far raters agree beyond chance: Krippendorff's alpha for nominal data, with a bootstrap interval over cases.

Source: K. Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, University of Pennsylvania. With the coincidences
o_ck = sum over units u of (pairs c-k in u) / (m_u - 1), n_c = sum_k o_ck and n = sum_c n_c, alpha = 1 - (n - 1) * sum_{c != k} o_ck
/ sum_{c != k} n_c n_k. Units that fewer than two raters labelled are left out. (PyPI's `krippendorff` computes the same; its licence
is the GPL, ours is not.)
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ratings = Mapping[str, Mapping[str, Hashable]]  # rater -> case -> label
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of raters on one set of cases.

    `units`: cases that two or more labelled; `single`: those that one alone did, which are in no figure; `labels`: labels in the
    units. `alpha` is None where it is undefined (fewer than two raters, or one label throughout); `low`, `high`: percentile
    bootstrap over cases, `undefined` of its draws left out because they held one label only.
    """

    raters: tuple[str, ...]
    units: int
    single: int
    labels: int
    alpha: float | None
    low: float | None = None
    high: float | None = None
    undefined: int = 0


def alpha(ratings: Ratings) -> float | None:
    """Return Krippendorff's alpha for nominal data, None where it is undefined."""
    return _alphas(_coincidences(ratings)[0].sum(axis=0)[None])[0]


def agreement(ratings: Ratings, draws: int = 2000, seed: int = 1, level: float = 0.95) -> Agreement:
    """Return alpha with its interval. `ratings`: each rater's labels by case; a case that a rater left out is missing."""
    units, single = _coincidences(ratings)
    found = _alphas(units.sum(axis=0)[None])[0]
    head = (tuple(sorted(ratings)), len(units), single, round(float(units.sum())))
    if found is None:
        return Agreement(*head, None)
    counts = np.random.default_rng(seed).multinomial(len(units), np.full(len(units), 1 / len(units)), size=draws)
    drawn = [a for a in _alphas(np.tensordot(counts, units, axes=1)) if a is not None]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Agreement(*head, found, float(low), float(high), draws - len(drawn))


def _coincidences(ratings: Ratings) -> tuple[Floats, int]:
    """Return (units x labels x labels) coincidences, and how many cases have a single label."""
    values = sorted({v for given in ratings.values() for v in given.values()}, key=repr)
    at = {v: i for i, v in enumerate(values)}
    cases = sorted({case for given in ratings.values() for case in given})
    tables = [_unit([at[given[case]] for given in ratings.values() if case in given], len(values)) for case in cases]
    kept = [t for t in tables if t is not None]
    return np.array(kept).reshape(len(kept), len(values), len(values)), len(tables) - len(kept)


def _unit(labels: Sequence[int], size: int) -> Floats | None:
    """Return one unit's coincidences: ordered pairs of labels of two raters, by (number of raters - 1)."""
    if len(labels) < 2:
        return None
    n = np.bincount(labels, minlength=size).astype(float)
    pairs: Floats = (np.outer(n, n) - np.diag(n)) / (len(labels) - 1)
    return pairs


def _alphas(tables: Floats) -> list[float | None]:
    """Return alpha of each table of coincidences (tables x labels x labels)."""
    by_label = tables.sum(axis=2)
    n = by_label.sum(axis=1)
    observed = n - np.einsum("tcc->t", tables)
    expected = n**2 - (by_label**2).sum(axis=1)
    return [float(1 - (m - 1) * o / e) if e > 1e-9 else None for m, o, e in zip(n, observed, expected, strict=True)]
