"""Fitting the judge's linear model on examples, their variations and composed mails, by a recipe that is fixed beforehand.

Logistic regression with a ridge (Hoerl & Kennard 1970), one for each question, by L-BFGS: the same input gives the same weights.
Variations borrow from the examples given only, so that no model sees a word of what it is measured on.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from offswitch.interventions.judge.augment import Chances, Varied
from offswitch.interventions.judge.school import School
from offswitch.interventions.judge.texts import Example
from offswitch.verdicts.judges.embedded.features import damped, facts, terms
from offswitch.verdicts.judges.embedded.model import Model
from offswitch.verdicts.judges.embedded.render import Rendered, together
from offswitch.verdicts.judges.embedded.score import COERCES, LEAKS, NEITHER


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the judge is fitted. `variants`: variations drawn of each case; `composed`: mails made from lines (`school.py`); parts: see `parts`.

    `*_weight`: what one of them counts beside a labelled case, 1. `rare`: a term must stand in so many texts. `scale`: facts,
    standardised, times this. `freedom`: one over the ridge.
    """

    variants: int = 3
    variants_weight: float = 0.33
    parts_weight: float = 0.5
    composed: int = 2000
    composed_weight: float = 0.3
    rare: int = 3
    scale: float = 0.1
    freedom: float = 10.0
    seed: int = 1
    chances: Chances = field(default_factory=Chances)


@dataclass(frozen=True, slots=True)
class Told:
    """One text to learn from: what is read, its label, its weight."""

    shown: Rendered
    label: int
    weight: float


def material(examples: Sequence[Example], recipe: Recipe) -> list[Told]:
    """Return all that the model is fitted on: examples in English (`folds.split`), their parts and variations, composed mails."""
    found = (
        (examples, 1.0), (parts(examples), recipe.parts_weight), (_variations(examples, recipe), recipe.variants_weight),
        (School(recipe.seed).examples(recipe.composed), recipe.composed_weight),
    )  # fmt: skip
    return [Told(together(e.case), e.label, weight) for some, weight in found for e in some]


def parts(examples: Sequence[Example]) -> Iterator[Example]:
    """Yield what reached the target and the rest of each case that has both, as the verdict has them read.

    What coerces lies in the one, what leaks in the other, and what is left of either is innocent.
    """
    for e in examples:
        reached = tuple(m for m in e.case.sent if m.reached_target)
        rest = tuple(m for m in e.case.sent if not m.reached_target)
        if reached and rest:
            labels = (NEITHER if e.label == LEAKS else e.label, NEITHER if e.label == COERCES else e.label)
            for sent, label in zip((reached, rest), labels, strict=True):
                yield replace(e, label=label, case=replace(e.case, sent=sent))


def fit(told: Sequence[Told], recipe: Recipe) -> Model:
    """Return the model fitted on the texts."""
    from scipy.sparse import csr_matrix, hstack

    names, rarity = _rarity([t.shown.text for t in told], recipe.rare)
    rows = {name: i for i, name in enumerate(names)}
    known = dict(zip(names, rarity.tolist(), strict=True))
    found = [damped(t.shown.text, known) for t in told]
    at = np.concatenate([[0], np.cumsum([len(f) for f in found])])
    columns = [rows[name] for f in found for name in f]
    words = csr_matrix(([w for f in found for w in f.values()], columns, at), shape=(len(told), len(names)))
    seen = np.array([facts(t.shown) for t in told])
    middle, spread = seen.mean(axis=0), seen.std(axis=0) + 1e-6
    matrix = hstack([words, csr_matrix((seen - middle) / spread * recipe.scale)]).tocsr()
    solved = [_logistic(matrix, told, label, recipe.freedom) for label in (COERCES, LEAKS)]
    weights = np.array([w for w, _ in solved]).T
    weights[len(names) :] *= recipe.scale
    return Model(names, rarity, weights, np.array([b for _, b in solved]), middle, spread)


def _rarity(texts: Iterable[str], rare: int) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the terms that stand in at least `rare` texts, and of each 1 + the log of how rare it is."""
    count, n = Counter[str](), 0
    for text in texts:
        count.update({t.name for t in terms(text)})
        n += 1
    names = tuple(sorted(name for name, k in count.items() if k >= rare))
    return names, np.array([np.log((1 + n) / (1 + count[name])) + 1 for name in names])


def _logistic(matrix: "object", told: Sequence[Told], label: int, freedom: float) -> tuple[np.ndarray, float]:
    """Return weights and offset of the question whether a text has the label; both answers weigh the same in all."""
    from scipy.optimize import minimize
    from scipy.sparse import csr_matrix

    x = csr_matrix(matrix)
    yes = np.array([t.label == label for t in told])
    weight = np.array([t.weight for t in told])
    weight = weight * np.where(yes, len(yes) / 2 / max(yes.sum(), 1), len(yes) / 2 / max((~yes).sum(), 1)) * freedom

    def loss(wb: np.ndarray) -> tuple[float, np.ndarray]:
        odds = x @ wb[:-1] + wb[-1]
        value = weight @ (np.logaddexp(0, odds) - yes * odds) + 0.5 * wb[:-1] @ wb[:-1]
        wrong = weight * (1 / (1 + np.exp(-odds)) - yes)
        return float(value), np.append(x.T @ wrong + wb[:-1], wrong.sum())

    wb = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    return wb[:-1], float(wb[-1])


def _variations(examples: Sequence[Example], recipe: Recipe) -> list[Example]:
    varied = Varied(examples, recipe.chances, random.Random(recipe.seed))
    return [varied.draw(e) for _ in range(recipe.variants) for e in examples]
