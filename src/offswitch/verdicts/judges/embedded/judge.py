"""The embedded judge: reads cases in order, many at once, each distinct case once."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Final

import numpy as np

from offswitch.verdicts.judges.embedded import model as shipped
from offswitch.verdicts.judges.embedded.features import tells
from offswitch.verdicts.judges.embedded.model import QUESTIONS, Model
from offswitch.verdicts.judges.embedded.network import Network
from offswitch.verdicts.judges.embedded.passage import heaviest
from offswitch.verdicts.judges.embedded.render import Rendered, render
from offswitch.verdicts.judges.embedded.score import Calibration, Line, combined, label
from offswitch.verdicts.judges.reading import Judged, ToJudge

AT_ONCE, THREADS = 512, 4
TOO_LONG = "the mail is longer than the judge reads, and nothing in what it read coerces"


class EmbeddedJudge:
    """A fine-tuned network and a linear model of words and facts, put together. How good it is: `model/CARD.md` and `model.figures()`.

    A case that holds more text than is read is called `coerces` if what was read does; else its reading is an error.
    """

    name: Final = "embedded"

    def __init__(self) -> None:
        self.version: str = shipped.figures()["version"]

    @cached_property
    def _model(self) -> Model:
        return shipped.load(expected=shipped.figures()["model_sha256"])

    @cached_property
    def _network(self) -> Network:
        return Network(expected=shipped.figures()["network_sha256"])

    @cached_property
    def _by(self) -> Calibration:
        return Calibration(**{name: Line(**line) for name, line in shipped.figures()["calibration"].items()})

    def read(self, cases: Sequence[ToJudge]) -> list[Judged]:
        """Return one reading a case, in the order given; cases alike are read once, and memory does not grow with their number."""
        found: list[Judged] = []
        if cases:
            self._one(cases[0])  # both models are there before threads share them
        with ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1)) as pool:
            for at in range(0, len(cases), AT_ONCE):
                keys = [repr(case) for case in cases[at : at + AT_ONCE]]
                distinct = dict(zip(keys, cases[at : at + AT_ONCE], strict=True))
                known = dict(zip(distinct, pool.map(self._one, distinct.values()), strict=True))
                found += [known[key] for key in keys]
        return found

    def _one(self, case: ToJudge) -> Judged:
        try:
            return self._judged(case, render(case))
        except Exception as error:
            return self._failed(f"{type(error).__name__}: {error}")

    def _judged(self, case: ToJudge, texts: Sequence[Rendered]) -> Judged:
        if not any(text.text.strip(" .\n") for text in texts):
            return Judged("neither", 0.0, self.name, self.version)
        found = np.array([self._model.probabilities(text) for text in texts])
        raw = combined(found, self._network.probabilities(texts), [tells(text) for text in texts])
        score, said = label(raw, self._by)
        if said != "coerces" and not all(text.whole for text in texts):
            return self._failed(TOO_LONG)
        quote = self._quote(case, texts, found, QUESTIONS.index(said)) if said in QUESTIONS else ""
        return Judged(said, score, self.name, self.version, quote=quote)

    def _quote(self, case: ToJudge, texts: Sequence[Rendered], found: np.ndarray, question: int) -> str:
        text = texts[int(found[:, question].argmax())]
        return heaviest(case, text.text, self._model.spoken(text, question))

    def _failed(self, why: str) -> Judged:
        return Judged(None, None, self.name, self.version, error=why[:300])
