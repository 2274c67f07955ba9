"""The shipped linear model: weights of words, of pairs of words and of facts, for two questions (does it coerce, does it leak)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from offswitch.study.factors import StudyError
from offswitch.study.files import sha256
from offswitch.verdicts.judges.embedded.features import FACTS, damped, facts, terms
from offswitch.verdicts.judges.embedded.render import Rendered

HERE = Path(__file__).parent / "model"
MODEL, FIGURES = HERE / "judge.npz", HERE / "figures.json"
QUESTIONS = ("coerces", "leaks")


class JudgeModelError(StudyError):
    """The shipped model cannot be used; the message says why and what to do."""


@cache
def figures(place: Path = FIGURES) -> dict[str, Any]:
    """Return what was measured of the shipped model, with its calibration. Raises JudgeModelError."""
    try:
        found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise JudgeModelError(f"{place} cannot be read ({error}); run `make judge` to fit the judge anew") from None
    return found


def check(path: Path, expected: str | None) -> None:
    """Raise JudgeModelError if a file is not there, or is not the one whose SHA-256 is expected."""
    if not path.is_file():
        raise JudgeModelError(f"{path} is missing; run `make judge` to fit the judge anew")
    if expected and (got := sha256(path)) != expected:
        raise JudgeModelError(f"{path.name} is not the model of its card: its SHA-256 is {got}, not {expected}")


@dataclass(frozen=True, eq=False)
class Model:
    """A linear model. `weights` (terms + facts, questions) and `offsets` (questions) are in log-odds; facts are standardised."""

    names: tuple[str, ...]
    rarity: np.ndarray
    weights: np.ndarray
    offsets: np.ndarray
    middle: np.ndarray
    spread: np.ndarray

    @cached_property
    def rarities(self) -> Mapping[str, float]:
        """How rare each term is, by its name."""
        return dict(zip(self.names, self.rarity.tolist(), strict=True))

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        return {name: i for i, name in enumerate(self.names)}

    def probabilities(self, shown: Rendered) -> np.ndarray:
        """Return the probability of a yes to each question, as fitted (not calibrated)."""
        known = damped(shown.text, self.rarities)
        rows = [self._rows[name] for name in known]
        odds = self.offsets + np.array(list(known.values())) @ self.weights[rows] if rows else self.offsets.copy()
        odds = odds + (facts(shown) - self.middle) / self.spread @ self.weights[len(self.names) :]
        if not np.isfinite(odds).all():
            raise JudgeModelError("the embedded judge's model gave a number that is not finite")
        return np.asarray(1 / (1 + np.exp(-odds)))

    def spoken(self, shown: Rendered, question: int) -> np.ndarray:
        """Return, for every character of a text, what the terms that begin there add to the log-odds of a yes."""
        known, told = damped(shown.text, self.rarities), np.zeros(len(shown.text) + 1)
        found = [t for t in terms(shown.text) if t.name in known]
        times = {t.name: 0 for t in found}
        for t in found:
            times[t.name] += 1
        for t in found:
            told[t.start] += known[t.name] * self.weights[self._rows[t.name], question] / times[t.name]
        return told

    def save(self, path: Path) -> None:
        """Write the model as a compressed npz of plain arrays."""
        names = np.frombuffer("\n".join(self.names).encode(), np.uint8)
        np.savez_compressed(
            path, names=names, rarity=self.rarity.astype(np.float32), weights=self.weights.astype(np.float32),
            offsets=self.offsets, middle=self.middle, spread=self.spread,
        )  # fmt: skip


def load(path: Path = MODEL, expected: str | None = None) -> Model:
    """Return the model in a file. Raises JudgeModelError if it is not there, or not the one whose hash is expected."""
    check(path, expected)
    try:
        with np.load(path, allow_pickle=False) as raw:
            parts = {k: raw[k] for k in raw.files}
    except (OSError, ValueError) as error:
        raise JudgeModelError(f"{path} cannot be read ({error}); run `make judge` to fit the judge anew") from None
    names = tuple(parts.pop("names").tobytes().decode().split("\n"))
    model = Model(names, **{k: v.astype(float) for k, v in parts.items()})
    if model.weights.shape != (len(names) + len(FACTS), len(QUESTIONS)):
        raise JudgeModelError(f"{path.name} is of another version of the judge; run `make judge` to fit it anew")
    return model
