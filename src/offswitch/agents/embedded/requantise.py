"""Re-quantise a GGUF with numpy: every quantised matrix to one format, all metadata kept.

Q4_1 has no fast path in llama.cpp on x86, Q8_0 and Q4_0 do; docs/embedded-model.md has the measurement. From Q4_1 to Q8_0 the
error added is at most half a step of a 255-step scale a block of 32 weights, far below what Q4_1 has lost already.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_DERIVED = ("GGUF.", "general.architecture", "general.file_type", "general.quantization_version")


def requantise(source: Path, target: Path, kind: str, deltas: Mapping[str, Any] = _NOTHING) -> Path:
    """Write `source` to `target` with every matrix coarser than or equal to 4 bits in `kind` (Q8_0 or Q4_0).

    Norms (F32) and matrices that are Q8_0 already (the token embedding) stay as they are. `deltas` (name -> float32 array)
    are added to their matrices, which are then quantised whatever they were. Raises ValueError for a `kind` that
    gguf's numpy code cannot write.
    """
    import gguf

    if kind not in ("Q8_0", "Q4_0"):
        raise ValueError(f"cannot re-quantise to {kind!r}; valid: Q8_0, Q4_0")
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, str(reader.fields["general.architecture"].contents()))
    _copy_metadata(reader, writer)
    writer.add_file_type(getattr(gguf.LlamaFileType, f"MOSTLY_{kind}"))
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    for tensor in reader.tensors:
        data, stored = _converted(tensor, getattr(gguf.GGMLQuantizationType, kind), deltas.get(tensor.name))
        writer.add_tensor(tensor.name, data, raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


def _copy_metadata(reader: Any, writer: Any) -> None:
    for name, field in reader.fields.items():
        if name.startswith(_DERIVED):
            continue
        kind, sub = field.types[0], field.types[1] if len(field.types) > 1 else None
        writer.add_key_value(name, field.contents(), kind, sub_type=sub)


def _converted(tensor: Any, kind: Any, delta: Any = None) -> tuple[Any, Any]:
    """Return the tensor's data and type as they shall be stored."""
    from gguf import GGMLQuantizationType as Kinds
    from gguf.quants import dequantize, quantize

    if delta is not None:
        return quantize(dequantize(tensor.data, tensor.tensor_type) + delta, kind), kind
    if tensor.tensor_type in (Kinds.F32, Kinds.F16, Kinds.Q8_0, kind):
        return tensor.data, tensor.tensor_type
    return quantize(dequantize(tensor.data, tensor.tensor_type), kind), kind
