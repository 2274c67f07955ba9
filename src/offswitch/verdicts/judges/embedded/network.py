"""The network that was fine-tuned on the labelled cases, on onnxruntime: 8-bit weights, one window at a time.

One at a time, because 8-bit activations are scaled by the largest value in a batch: with company in it, a text's score would hang
on that company. Cases are spread over threads instead (`judge.py`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from offswitch.verdicts.judges.cases import LABELS
from offswitch.verdicts.judges.embedded.model import HERE, JudgeModelError, check
from offswitch.verdicts.judges.embedded.render import Rendered
from offswitch.verdicts.judges.embedded.tokens import Cutter, Window

NETWORK, TOKENIZER = HERE / "network.onnx", HERE / "tokenizer.json"


class Network:
    """The fine-tuned network and its word pieces; threads may share it."""

    def __init__(
        self, path: Path = NETWORK, tokenizer: Path = TOKENIZER, expected: tuple[str, str] | None = None
    ) -> None:
        """Read both files. Raises JudgeModelError if they cannot be read, or do not have the SHA-256s that are expected."""
        for file, sha in zip((path, tokenizer), expected or (None, None), strict=True):
            check(file, sha)
        try:
            self._cutter, self._session = Cutter(tokenizer), _session(path)
        except Exception as error:  # what onnxruntime and tokenizers raise has no kind of its own
            raise JudgeModelError(f"{path} cannot be read ({error}); run `make judge` to fit the judge anew") from None

    def probabilities(self, texts: Sequence[Rendered]) -> np.ndarray:
        """Return the probability of each label by each text, (texts, 3), in the order of LABELS; of several windows the greatest.

        Raises JudgeModelError for a number that is not finite.
        """
        return np.array([np.max([self._one(w) for w in self._cutter.cut(text)], axis=0) for text in texts])

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


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = 1, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
