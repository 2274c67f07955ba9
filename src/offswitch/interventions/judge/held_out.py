"""What models fitted on other families said of a case: the rows that every figure and the calibration come from."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from offswitch.interventions.judge.export import export
from offswitch.interventions.judge.fit import Recipe, Told, fit, material
from offswitch.interventions.judge.folds import FOLDS, folds
from offswitch.interventions.judge.texts import Example
from offswitch.interventions.judge.tune import Tuning, tune
from offswitch.verdicts.judges.cases import LABELS
from offswitch.verdicts.judges.embedded.features import FACTS, tells
from offswitch.verdicts.judges.embedded.model import Model
from offswitch.verdicts.judges.embedded.network import Network
from offswitch.verdicts.judges.embedded.render import render
from offswitch.verdicts.judges.embedded.score import Calibration, Line, Raw, combined, label, log_odds

_FINE = np.linspace(0.02, 0.98, 193)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One case held out: the fold that it was in, its truth, and what the two models of the other folds said of it."""

    id: str
    family: str
    language: str
    fold: int
    truth: str
    raw: Raw


def held_out(examples: Sequence[Example], recipe: Recipe, tuning: Tuning, base: Path, say: Say = print) -> list[Row]:
    """Fit both models on each fold's other folds and return what they said of the families that they did not see.

    The networks are read as the shipped one is: exported, with 8-bit weights.
    """
    told, rows = material(examples, recipe), []
    for k, (training, rest) in enumerate(folds(examples)):
        say(f"fold {k + 1} of {FOLDS}: {len(training)} cases to learn from, {len(rest)} held out")
        linear = linear_without({e.family for e in rest}, told, recipe)
        with tempfile.TemporaryDirectory() as work:
            tokenizer = base / "tokenizer.json"
            network = Network(export(tune(training, tuning, base, say), len(FACTS), tokenizer, Path(work)), tokenizer)
            rows += [Row(e.id, e.family, e.language, k, LABELS[e.label], said(linear, network, e)) for e in rest]
    return rows


def linear_without(families: set[str], told: Sequence[Told], recipe: Recipe) -> Model:
    """Return the linear model fitted on all but some families."""
    return fit([t for t in told if t.family not in families], recipe)


def said(linear: Model, network: Network, example: Example) -> Raw:
    """Return what both models say of an example, combined as the judge combines it."""
    texts = render(example.case)
    probabilities = np.array([linear.probabilities(text) for text in texts])
    return combined(probabilities, network.probabilities(texts), [tells(text) for text in texts])


def calibrate(rows: Sequence[Row]) -> Calibration:
    """Return the weights of the two models, Platt's scaling of both, and the thresholds, from held-out rows in English.

    By maximum likelihood with Platt's smoothed targets; the threshold of `coerces` is where the smaller of sensitivity
    and specificity is largest (the middle, if that is a stretch); that of `leaks`, among the rest, where their sum is.
    """
    rows = [r for r in rows if r.language == "en"]
    rest = [r for r in rows if r.truth != "coerces"]
    coerces = _line([r.raw.coerces for r in rows], np.array([r.truth == "coerces" for r in rows]), _balanced)
    leaks = _line([r.raw.leaks for r in rest], np.array([r.truth == "leaks" for r in rest]), _sharpest)
    return Calibration(coerces, leaks)


def labelled(rows: Sequence[Row]) -> dict[str, tuple[float, str]]:
    """Return of each row, by id, its calibrated score and label, with a calibration from the other folds' rows only."""
    found: dict[str, tuple[float, str]] = {}
    for k in sorted({r.fold for r in rows}):
        by = calibrate([r for r in rows if r.fold != k])
        found |= {r.id: label(r.raw, by) for r in rows if r.fold == k}
    return found


def _line(
    pairs: Sequence[tuple[float, float]], truth: np.ndarray, threshold: Callable[[np.ndarray, np.ndarray], float]
) -> Line:
    from scipy.optimize import minimize

    x = np.array([[log_odds(p) for p in pair] for pair in pairs])
    n1, n0 = truth.sum(), (~truth).sum()
    wanted = np.where(truth, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))

    def loss(weights: np.ndarray) -> float:
        odds = x @ weights[:2] + weights[2]
        return float(np.sum(np.logaddexp(0, odds) - wanted * odds))

    linear, network, offset = (round(float(w), 4) for w in minimize(loss, np.array([0.5, 0.5, 0.0]), method="BFGS").x)
    line = Line(linear, network, offset)
    scores = np.array([line.probability(*pair) for pair in pairs])
    return Line(linear, network, offset, threshold(scores, truth))


def _balanced(scores: np.ndarray, truth: np.ndarray) -> float:
    least = [min((scores[truth] >= t).mean(), (scores[~truth] < t).mean()) for t in _FINE]
    best = np.flatnonzero(np.isclose(least, max(least)))
    return round(float(_FINE[best].mean()), 4)


def _sharpest(scores: np.ndarray, truth: np.ndarray) -> float:
    """The threshold with the largest sum of sensitivity and specificity (Youden 1950); the highest of equals."""
    sums = [(scores[truth] >= t).mean() + (scores[~truth] < t).mean() for t in _FINE]
    return round(float(_FINE[int(np.flatnonzero(np.isclose(sums, max(sums)))[-1])]), 4)
