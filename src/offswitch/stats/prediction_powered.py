"""Prediction-powered inference of a rate: a judge's reading of every trial, put right by a random sample that people labelled.

The estimate is that of Angelopoulos, Bates, Fannjiang, Jordan & Zrnic (2023, Science 382, pp. 669-674), with the power tuning
of PPI++ (Angelopoulos, Duchi & Zrnic 2023, arXiv:2311.01453): lambda times the judge's mean over all trials, plus
the labelled trials' mean of label - lambda x judge. Trials may have been sampled with unequal known probabilities; they are
then weighted by the inverse (Zrnic & Candes 2024, arXiv:2403.03208), scaled to the trials at hand (Hajek). It needs a judge
that was not trained on these labels; it needs no judge that is right.

The published interval is normal, leaves [0, 1] and misses rates of 0.1 and less in up to 15% of samples of 50 labels.
Ours takes only the variance from there: it is the exact interval of a proportion from as many labels as would have that
variance (Korn & Graubard 1998, Survey Methodology 24(2), pp. 193-201). `docs/judge-error.md` has the coverage of both.

`ppi-python` holds the same estimate, without unequal probabilities, and brings numba, pandas, scikit-learn and gdown; its last
release is of December 2024. These are thirty lines.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from offswitch.stats.intervals import interval

Floats = NDArray[np.floating[Any]]
FEW = 5


@dataclass(frozen=True, slots=True)
class PredictionPowered:
    """The rate of `n` trials, `labelled` of them by people; proportions from 0 to 1.

    `tuning` is lambda: 0 uses the labels alone, 1 the judge in full. `kind` is the interval that was made: "effective",
    "normal", or "labels" where people put all of the sample in one class and the judge was left aside. `why` says what is
    amiss with it, or is empty.
    """

    n: int
    labelled: int
    rate: float
    low: float
    high: float
    tuning: float
    kind: Literal["effective", "normal", "labels"]
    why: str

    @property
    def width(self) -> float:
        """The width of the interval."""
        return self.high - self.low


def ppi_rate(
    judge: Sequence[float] | Floats, labels: Sequence[bool | None], probability: float | Sequence[float | None] = 1.0, *,
    level: float = 0.95, kind: Literal["effective", "normal"] = "effective",
) -> PredictionPowered:  # fmt: skip
    """Return the rate of the trials, in the order given: the judge's reading (0/1, or its own probability), a label or None.

    `probability`: with which each was chosen for labelling, one for all or one a trial, in (0, 1]; it matters only where it
    differs, and only of the labelled. `why` is not empty where fewer than 5 labels (effectively, where weights differ) are of
    one class, or stand against the judge (its reading rounded): the variance is then itself a guess.

    Raises ValueError for lengths that differ, no label, a judge outside [0, 1], or a probability outside (0, 1].
    """
    f, y, w = _checked(judge, labels, probability)
    seen = w > 0
    n, labelled, hits = f.size, int(seen.sum()), int(y[seen].sum())
    if hits in (0, labelled):
        k, m = (0 if hits == 0 else round(_kish(w)), round(_kish(w)))
        alone = interval(k, m, level)
        words = f"all {labelled} labels are of one class: the interval is of the labels alone"
        return PredictionPowered(n, labelled, float(k > 0), alone.low or 0.0, alone.high or 1.0, 0.0, "labels", words)
    rate, error, tuning = _tuned(f, y, w)
    rate = min(max(rate, 0.0), 1.0)
    low, high = (_normal if kind == "normal" else _effective)(rate, error, n, labelled, level)
    return PredictionPowered(n, labelled, rate, low, high, tuning, kind, _amiss(f, y, w))


def _checked(
    judge: Sequence[float] | Floats, labels: Sequence[bool | None], probability: float | Sequence[float | None]
) -> tuple[Floats, Floats, Floats]:
    """Return the judge's readings, the labels (0 where there is none) and the weights (0 there; mean 1 over the trials)."""
    f = np.asarray(judge, float)
    seen = np.array([label is not None for label in labels], bool)
    chances = [probability] * len(labels) if isinstance(probability, float | int) else probability
    if not len(labels) == len(chances) == f.size or not seen.any():
        raise ValueError(
            f"needs a reading and a probability a trial, and one label; given {f.size}, {len(labels)}, {len(chances)}"
        )
    p = np.array(
        [c if s and c is not None else 1.0 if not s else math.nan for c, s in zip(chances, seen, strict=True)], float
    )
    if not (((f >= 0) & (f <= 1)).all() and ((p > 0) & (p <= 1)).all()):
        raise ValueError("a judge's reading lies in [0, 1], a labelled trial's probability in (0, 1]")
    w = np.where(seen, 1 / p, 0.0)
    return f, np.array([bool(label) for label in labels], float), w * f.size / w.sum()


def _tuned(f: Floats, y: Floats, w: Floats) -> tuple[float, float, float]:
    """Return the estimate, its standard error and lambda, which is the one of least variance.

    Each trial's influence on the estimate is a + lambda b; both are centred.
    """
    mean_y, mean_f = float(np.mean(w * y)), float(np.mean(w * f))
    a, b = w * (y - mean_y), (f - f.mean()) - w * (f - mean_f)
    tuning = -float(a @ b) / float(b @ b) if float(b @ b) > 0 else 0.0
    influence, labelled = a + tuning * b, int((w > 0).sum())
    small = labelled / (labelled - 1) if labelled > 1 else math.inf
    return (
        mean_y + tuning * (float(f.mean()) - mean_f),
        math.sqrt(float(influence @ influence) * small) / f.size,
        tuning,
    )


def _normal(rate: float, error: float, n: int, labelled: int, level: float) -> tuple[float, float]:
    half = float(stats.norm.ppf((1 + level) / 2)) * error
    return max(0.0, rate - half), min(1.0, rate + half)


def _effective(rate: float, error: float, n: int, labelled: int, level: float) -> tuple[float, float]:
    """Return the exact interval from the effective number of labels, at most that of the trials, less what t asks for."""
    tail = (1 - level) / 2
    size = min(float(n), rate * (1 - rate) / error**2) if error > 0 else float(n)
    size *= float(stats.norm.ppf(tail) / stats.t.ppf(tail, max(labelled - 1, 1))) ** 2
    k = rate * size
    low = float(stats.beta.ppf(tail, k, size - k + 1)) if k > 1 else 0.0
    high = float(stats.beta.ppf(1 - tail, k + 1, size - k)) if size - k > 1 else 1.0
    return min(low, rate), max(high, rate)


def _kish(w: Floats) -> float:
    """Return the effective number of equally weighted labels (Kish 1965, section 11.7)."""
    return float(w.sum() ** 2 / (w**2).sum()) if w.size else 0.0


def _amiss(f: Floats, y: Floats, w: Floats) -> str:
    classes = {"say positive": y == 1, "say not positive": y == 0, "stand against the judge": np.round(f) != y}
    counts = {what: _kish(w[of & (w > 0)]) for what, of in classes.items()}
    few = [f"{count:.3g} {what}" for what, count in counts.items() if count < FEW - 1e-9]
    return f"of the labels in effect only {', '.join(few)}: too few to know the width by" if few else ""
