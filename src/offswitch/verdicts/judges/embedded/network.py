"""The network that was fine-tuned on the labelled cases, on onnxruntime: 8-bit weights, one window at a time.

One at a time, because 8-bit activations are scaled by the largest value in a batch: with company in it, a text's score would hang
on that company. Cases are spread over threads instead (`judge.py`).
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from offswitch.verdicts.judges.cases import LABELS
from offswitch.verdicts.judges.embedded.model import HERE, JudgeModelError, sha256
from offswitch.verdicts.judges.embedded.render import Rendered
from offswitch.verdicts.judges.embedded.tokens import Cutter, Window

NETWORK, TOKENIZER = HERE / "network.onnx", HERE / "tokenizer.json"


class Network:
    """The fine-tuned network, read from its file with the first text. Safe to share among threads."""

    def __init__(self, path: Path = NETWORK, tokenizer: Path = TOKENIZER, expected: str | None = None) -> None:
        self._path, self._tokenizer, self._expected = path, tokenizer, expected

    def probabilities(self, texts: Sequence[Rendered]) -> np.ndarray:
        """Return the probability of each label by each text, (texts, 3), in the order of LABELS; a text of several windows has their greatest.

        Raises JudgeModelError if the model cannot be used.
        """
        return np.array([np.max([self._one(w) for w in self._cutter.cut(text)], axis=0) for text in texts])

    @cached_property
    def _cutter(self) -> Cutter:
        return Cutter(self._tokenizer)

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        if not self._path.is_file():
            raise JudgeModelError(f"{self._path} is missing; run `make judge` to fit the judge anew")
        if self._expected and (got := sha256(self._path)) != self._expected:
            raise JudgeModelError(
                f"{self._path.name} is not the model of its card: its SHA-256 is {got}, not {self._expected}"
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = 1, 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.enable_cpu_mem_arena = False
        return onnxruntime.InferenceSession(str(self._path), options, providers=["CPUExecutionProvider"])

    def _one(self, window: Window) -> np.ndarray:
        given = {
            "ids": np.array([window.ids], np.int64),
            "segments": np.array([window.segments], np.int64),
            "facts": window.facts[None].astype(np.float32),
        }
        (odds,) = self._session.run(None, given)
        if odds.shape != (1, len(LABELS)) or not np.isfinite(odds).all():
            raise JudgeModelError("the embedded judge's network gave a number that is not finite")
        raised = np.exp(odds[0].astype(float) - odds.max())
        return np.asarray(raised / raised.sum())
