"""A fine-tuned network as an ONNX file with 8-bit weights, which runs on onnxruntime alone. Needs the extra `judge`."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

TRACED = 16  # tokens in the trace; their axis stays free


def export(net: Any, facts: int, tokenizer: Path, out: Path) -> Path:
    """Write `network.onnx` and `tokenizer.json` below `out` and return the network's path.

    Weights are rounded to 8 bits (7 of them used, so that processors without 8-bit dot products do not overflow); activations are
    quantised as the network runs. Inputs `ids` and `segments`, (1, tokens), and `facts`, (1, facts); output `odds`, (1, labels).
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        full = Path(work, "full.onnx")
        _trace(net, facts, full)
        quantize_dynamic(full, out / "network.onnx", weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    if tokenizer.resolve() != (out / "tokenizer.json").resolve():
        shutil.copyfile(tokenizer, out / "tokenizer.json")
    return out / "network.onnx"


def _trace(net: Any, facts: int, path: Path) -> None:
    import torch
    from torch import nn

    class Whole(nn.Module):  # type: ignore[misc,unused-ignore]
        """The network without padding: every token counts."""

        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, ids: torch.Tensor, segments: torch.Tensor, facts: torch.Tensor) -> torch.Tensor:
            odds: torch.Tensor = self.net(ids, segments, torch.ones_like(ids), facts)
            return odds

    ids = torch.ones((1, TRACED), dtype=torch.int64)
    torch.onnx.export(
        Whole().eval(), (ids, torch.zeros_like(ids), torch.zeros((1, facts))), str(path), input_names=["ids", "segments", "facts"],
        output_names=["odds"], dynamic_axes={"ids": {1: "tokens"}, "segments": {1: "tokens"}}, opset_version=17, dynamo=False,
    )  # fmt: skip
