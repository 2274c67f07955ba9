"""The columns of a trial (DESIGN, contract: trial columns): Scout's own, ours, and one `factor_<name>` a factor."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

SCHEMA_VERSION = 1

_S, _B, _I, _F = pa.large_string(), pa.bool_(), pa.int64(), pa.float64()

SCOUT: dict[str, pa.DataType] = {
    "transcript_id": _S, "source_type": _S, "source_id": _S, "source_uri": _S, "date": _S, "task_set": _S,
    "task_id": _S, "task_repeat": _I, "agent": _S, "model": _S, "model_options": _S, "score": _S, "success": _B,
    "message_count": _I, "total_time": _F, "total_tokens": _I, "error": _S, "limit": _S, "trust_content": _B,
    "messages": _S,
}  # fmt: skip

OURS: dict[str, pa.DataType] = {
    "run_id": _S, "study": _S, "expression": _S, "scenario": _S, "scenario_version": _S, "condition": _S,
    "story": _S, "paraphrase": _S, "item_set": _I, "difficulty": _I, "seed": _I, "trial_index": _I, "block": _I,
    "facts": _S, "evidence": _S, "protocol": _S, "ending": _S,
    "outcome": _S, "level": _S, "method": _S, "tried": _B, "positive": _B, "decided": _B, "considered": _B,
    "exposed": _B, "engaged": _B, "opportunity": _B, "valid": _B, "operator_preference": _S,
    "transcript_outcome": _S, "transcript_method": _S, "transcript_error": _S, "finished": _B,
    "planted_kind": _S, "planted_p": _F, "planted_method": _S, "planted_outcome": _S, "planted_sequence": _S,
    "reasons": _S, "actor": _S, "beneficiary": _S, "episode": _I, "decision_turn": _I,
    "basis": _S, "judge": _S, "judge_version": _S, "judge_score": _F,
    "interface": _S, "world": _S, "provider_model_id": _S, "weights_sha256": _S, "temperature": _F, "effort": _S,
    "max_tokens": _I, "reasoning_visible": _B, "training_stage": _S, "prompt_tokens": _S,
    "turns": _I, "input_tokens": _I, "output_tokens": _I, "seconds": _F, "offswitch_version": _S, "imported": _B,
}  # fmt: skip


def schema(factors: Iterable[str]) -> pa.Schema:
    """Return the fixed schema plus one nullable string column `factor_<name>` a factor, sorted by name."""
    columns = SCOUT | OURS | {f"factor_{name}": _S for name in sorted(factors)}
    return pa.schema([pa.field(name, kind) for name, kind in columns.items()])


def table(rows: Sequence[Mapping[str, Any]], factors: Iterable[str]) -> pa.Table:
    """Make an Arrow table of rows; a key outside the schema is an error, a missing one is null."""
    shape = schema(factors)
    known = frozenset(shape.names)
    for row in rows:
        if not known.issuperset(row):
            raise ValueError(f"a trial has columns outside the schema: {', '.join(sorted(set(row) - known))}")
    columns = [pa.array([row.get(field.name) for row in rows], field.type) for field in shape]
    return pa.Table.from_arrays(columns, schema=shape)
