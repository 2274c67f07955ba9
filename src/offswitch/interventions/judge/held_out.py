"""What the models say of cases of families held out: the rows that every figure and the calibration come from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from offswitch.interventions.judge.export import export
from offswitch.interventions.judge.fit import Recipe, fit, material
from offswitch.interventions.judge.folds import part
from offswitch.interventions.judge.texts import Example
from offswitch.interventions.judge.tune import Tuning, tune
from offswitch.verdicts.judges.cases import LABELS
from offswitch.verdicts.judges.embedded.features import FACTS, tells
from offswitch.verdicts.judges.embedded.model import MODEL, Model, load
from offswitch.verdicts.judges.embedded.network import TOKENIZER, Network
from offswitch.verdicts.judges.embedded.render import render
from offswitch.verdicts.judges.embedded.score import Calibration, Line, Raw, combined, label, log_odds

_FINE = np.linspace(0.02, 0.98, 193)
_BOUNDS = ((0, None), (0, None), (None, None))  # a surer model must never lower a score


@dataclass(frozen=True, slots=True)
class Row:
    """One case held out: its truth, what the two models said of it, and the part of the held-out families that its family is in.

    Calibration for a part is taken from the other parts.
    """

    id: str
    family: str
    kin: str
    language: str
    part: int
    truth: str
    raw: Raw


@dataclass(frozen=True, slots=True)
class Fitted:
    """Both models, fitted on the families of training alone: what is measured on the others is what is shipped."""

    linear: Model
    network: Network

    def rows(self, rest: Sequence[Example]) -> list[Row]:
        """Return what the models say of the families held out, parted anew for calibration."""
        return [
            Row(
                e.id,
                e.family,
                e.kin,
                e.language,
                part(e.kin, "calibration "),
                LABELS[e.label],
                said(self.linear, self.network, e),
            )
            for e in rest
        ]


def fitted(training: Sequence[Example], recipe: Recipe, tuning: Tuning, base: Path, out: Path) -> Fitted:
    """Fit both models and write them below `out`; they are read as they are shipped, the network with 8-bit weights."""
    out.mkdir(parents=True, exist_ok=True)
    linear = fit(material(training, recipe), recipe)
    linear.save(out / MODEL.name)
    network = export(tune(training, tuning, base), len(FACTS), base / TOKENIZER.name, out)
    return Fitted(load(out / MODEL.name), Network(network, out / TOKENIZER.name))


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
    # a case that tells nobody of the secret is never asked whether it leaks (`combined`)
    rest = [r for r in rows if r.truth != "coerces" and any(r.raw.leaks)]
    coerces = _line([r.raw.coerces for r in rows], np.array([r.truth == "coerces" for r in rows]), _balanced)
    leaks = _line([r.raw.leaks for r in rest], np.array([r.truth == "leaks" for r in rest]), _sharpest)
    return Calibration(coerces, leaks)


def labelled(rows: Sequence[Row]) -> dict[str, tuple[float, str]]:
    """Return of each row, by id, its calibrated score and label, with a calibration from the other parts' rows only."""
    found: dict[str, tuple[float, str]] = {}
    for k in sorted({r.part for r in rows}):
        by = calibrate([r for r in rows if r.part != k])
        found |= {r.id: label(r.raw, by) for r in rows if r.part == k}
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

    linear, network, offset = (round(float(w), 4) for w in minimize(loss, np.array([0.5, 0.5, 0.0]), bounds=_BOUNDS).x)
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
