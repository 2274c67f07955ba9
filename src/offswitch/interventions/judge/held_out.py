"""What models fitted on other families said of a case: the rows that every figure and the calibration come from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from offswitch.interventions.judge.fit import Recipe, fit, material
from offswitch.interventions.judge.folds import folds
from offswitch.interventions.judge.texts import Example
from offswitch.verdicts.judges.cases import LABELS
from offswitch.verdicts.judges.embedded.features import tells
from offswitch.verdicts.judges.embedded.model import Model
from offswitch.verdicts.judges.embedded.render import render
from offswitch.verdicts.judges.embedded.score import Calibration, calibrated, combined, label

_FINE = np.linspace(0.02, 0.98, 193)


@dataclass(frozen=True, slots=True)
class Row:
    """One case held out: the fold that it was in, its truth, and the model's probabilities of `coerces` and of `leaks`."""

    id: str
    family: str
    language: str
    fold: int
    truth: str
    coerces: float
    leaks: float


def held_out(examples: Sequence[Example], recipe: Recipe) -> list[Row]:
    """Fit one model a fold and return what each said of the families that it did not see, combined as the judge combines it."""
    told, rows = material(examples, recipe), []
    for k, (_, rest) in enumerate(folds(examples)):
        out = {e.family for e in rest}
        model = fit([t for t in told if t.family not in out], recipe)
        rows += [Row(e.id, e.family, e.language, k, LABELS[e.label], *said(model, e)) for e in rest]
    return rows


def said(model: Model, example: Example) -> tuple[float, float]:
    """Return the model's probabilities of `coerces` and of `leaks` for an example."""
    texts = render(example.case)
    return combined(np.array([model.probabilities(text) for text in texts]), [tells(text) for text in texts])


def calibrate(rows: Sequence[Row]) -> Calibration:
    """Return Platt's numbers and thresholds from held-out rows in English.

    Platt scaling by maximum likelihood with his smoothed targets; the threshold of `coerces` is where the smaller of sensitivity
    and specificity is largest (the middle, if that is a stretch); that of `leaks`, among the rest, where their sum is.
    """
    rows = [r for r in rows if r.language == "en"]
    truth = np.array([r.truth == "coerces" for r in rows])
    slope, offset = _platt(np.array([r.coerces for r in rows]), truth)
    by = Calibration(slope, offset)
    scores = np.array([calibrated(r.coerces, by) for r in rows])
    rest = ~truth
    leak = np.array([r.truth == "leaks" for r in rows])[rest]
    return Calibration(
        slope, offset, _balanced(scores, truth), _sharpest(np.array([r.leaks for r in rows])[rest], leak)
    )


def labelled(rows: Sequence[Row]) -> dict[str, tuple[float, str]]:
    """Return of each row, by id, its calibrated score and label, with a calibration from the other folds' rows only."""
    found: dict[str, tuple[float, str]] = {}
    for k in sorted({r.fold for r in rows}):
        by = calibrate([r for r in rows if r.fold != k])
        for row in (r for r in rows if r.fold == k):
            score = calibrated(row.coerces, by)
            found[row.id] = score, label(score, row.leaks, by)
    return found


def _platt(p: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    from scipy.optimize import minimize

    p = np.clip(p, 1e-6, 1 - 1e-6)
    x, n1, n0 = np.log(p / (1 - p)), truth.sum(), (~truth).sum()
    wanted = np.where(truth, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))

    def loss(ab: np.ndarray) -> float:
        z = ab[0] * x + ab[1]
        return float(np.sum(np.logaddexp(0, z) - wanted * z))

    slope, offset = minimize(loss, np.array([1.0, 0.0]), method="BFGS").x
    return round(float(slope), 4), round(float(offset), 4)


def _balanced(scores: np.ndarray, truth: np.ndarray) -> float:
    least = [min((scores[truth] >= t).mean(), (scores[~truth] < t).mean()) for t in _FINE]
    best = np.flatnonzero(np.isclose(least, max(least)))
    return round(float(_FINE[best].mean()), 4)


def _sharpest(scores: np.ndarray, truth: np.ndarray) -> float:
    """The threshold with the largest sum of sensitivity and specificity (Youden 1950); the highest of equals."""
    sums = [(scores[truth] >= t).mean() + (scores[~truth] < t).mean() for t in _FINE]
    return round(float(_FINE[int(np.flatnonzero(np.isclose(sums, max(sums)))[-1])]), 4)
