"""From a PEFT adapter to a GGUF one, with numpy and gguf only.

llama.cpp stores the query and key rows of the Llama architecture interleaved for its rotary embedding, so the rows of
an adapter's B matrix for these two must be permuted alike (source: llama.cpp, convert_hf_to_gguf.py,
`LlamaModel.permute`). One prompt does not show the mistake; the test compares log-probabilities over many.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
_NAMES = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}  # fmt: skip


def permute(rows: Array, heads: int) -> Array:
    """Reorder the rows of a projection, shape (heads * size, n), from transformers' order to llama.cpp's."""
    shaped = rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:])
    return shaped.swapaxes(1, 2).reshape(rows.shape)


def write_adapter(
    tensors: Mapping[str, Array], path: Path, alpha: float, heads: int, kv_heads: int, card: Mapping[str, Any]
) -> Path:
    """Write `…layers.N.<module>.lora_{A,B}.weight` tensors as a GGUF LoRA in half precision.

    Raises ValueError for a tensor that has no place in this architecture.
    """
    import gguf

    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(alpha))
    writer.add_name("offswitch small agent")
    for key, value in card.items():
        writer.add_string(f"offswitch.{key}", str(value))
    for name, tensor in sorted(tensors.items()):
        writer.add_tensor(*_tensor(name, np.asarray(tensor, dtype=np.float32), heads, kv_heads))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _tensor(name: str, tensor: Array, heads: int, kv_heads: int) -> tuple[str, NDArray[np.float16]]:
    before, _, after = name.partition("layers.")
    layer, _, rest = after.partition(".")
    module, _, side = rest.partition(".lora_")
    if not before or module not in _NAMES or side[:1] not in ("A", "B"):
        raise ValueError(f"the adapter's tensor {name!r} has no place in this architecture")
    if side[0] == "B" and module in ("self_attn.q_proj", "self_attn.k_proj"):
        tensor = permute(tensor, heads if "q_proj" in module else kv_heads)
    return f"blk.{layer}.{_NAMES[module]}.weight.lora_{side[0].lower()}", tensor.astype(np.float16)
