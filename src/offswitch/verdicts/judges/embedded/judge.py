"""The embedded judge: reads cases in order, many at once."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
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


@dataclass(frozen=True, slots=True)
class _Parts:
    linear: Model
    network: Network
    by: Calibration


class EmbeddedJudge:
    """A fine-tuned network and a linear model of words and facts, put together. How good it is: `model/CARD.md` and `model.figures()`.

    A case that holds more text than is read is called `coerces` if what was read does; else its reading is an error.
    """

    name: Final = "embedded"

    def __init__(self) -> None:
        self.version: str = shipped.figures()["version"]
        self._lock = Lock()
        self._parts: _Parts | None = None

    def read(self, cases: Sequence[ToJudge]) -> list[Judged]:
        """Return one reading a case, in the order given; cases alike that stand near are read once, and memory does not grow."""
        found: list[Judged] = []
        for at in range(0, len(cases), AT_ONCE):
            keys = [repr(case) for case in cases[at : at + AT_ONCE]]
            distinct = dict(zip(keys, cases[at : at + AT_ONCE], strict=True))
            known = dict(zip(distinct, self._read(list(distinct.values())), strict=True))
            found += [known[key] for key in keys]
        return found

    def _read(self, cases: Sequence[ToJudge]) -> list[Judged]:
        if len(cases) < 2:
            return [self._one(case) for case in cases]
        with ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1)) as pool:
            return list(pool.map(self._one, cases))

    def _loaded(self) -> _Parts:
        """Return what reads, loaded by the first thread that asks. Raises JudgeModelError."""
        with self._lock:
            if self._parts is None:
                told = shipped.figures()
                by = Calibration(**{name: Line(**line) for name, line in told["calibration"].items()})
                network = Network(expected=(told["network_sha256"], told["tokenizer_sha256"]))
                self._parts = _Parts(shipped.load(expected=told["model_sha256"]), network, by)
            return self._parts

    def _one(self, case: ToJudge) -> Judged:
        try:
            return self._judged(case, render(case))
        except Exception as error:
            return self._failed(f"{type(error).__name__}: {error}")

    def _judged(self, case: ToJudge, texts: Sequence[Rendered]) -> Judged:
        whole = all(text.whole for text in texts)
        if not any(text.text.strip(" .\n") for text in texts):
            return Judged("neither", 0.0, self.name, self.version) if whole else self._failed(TOO_LONG)
        parts, told = self._loaded(), [tells(text) for text in texts]
        linear = np.array([parts.linear.probabilities(text) for text in texts])
        score, said = label(combined(linear, parts.network.probabilities(texts), told), parts.by)
        if said != "coerces" and not whole:
            return self._failed(TOO_LONG)
        quote = ""
        if said in QUESTIONS:
            # of the text that weighs most with the linear model: the network tells of no passage
            question = QUESTIONS.index(said)
            most = int((linear[:, question] * (said == "coerces" or np.array(told))).argmax())
            quote = heaviest(case, texts[most].text, parts.linear.spoken(texts[most], question))
        return Judged(said, score, self.name, self.version, quote=quote)

    def _failed(self, why: str) -> Judged:
        return Judged(None, None, self.name, self.version, error=why[:300])
