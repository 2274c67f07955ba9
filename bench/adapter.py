"""Print how far the served adapter is from PEFT's, over many prompts: `python -m bench adapter` (needs the extra `train`).

Both start from the same Q8_0 weights (transformers de-quantises them). The control is the same adapter written without the
permutation of the query and key rows: the mistake that one prompt does not show.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

PROMPTS = 40
ROWS = (("as written", True), ("query and key rows left unpermuted", False))


def prompts() -> list[list[int]]:
    """Return the taught agent's decision points and other places in its trajectories, as token ids."""
    from offswitch.agents.embedded.agent import load_agent
    from offswitch.agents.embedded.chat import GENERATION, render_with_mask
    from offswitch.interventions.teach.recipe import Recipe
    from offswitch.interventions.teach.trajectories import trajectories
    from offswitch.study.model import Generation

    pool = load_agent("offswitch/smollm2-agent", Generation()).pool
    out = []
    for number, t in zip(range(PROMPTS), trajectories(Recipe(), Recipe().courses[0]), strict=False):
        own = [i for i, m in enumerate(t.messages) if m.role == "assistant"]
        parts = [text for text, _ in render_with_mask(t.messages[: own[number % len(own)]], t.tools)]
        out.append(pool.tokens([*parts, GENERATION]))
    pool.close()
    return out


def adapter_tensors(gguf_file: Path) -> dict[str, np.ndarray]:
    """Read the shipped adapter back in PEFT's names and row order."""
    import gguf

    from offswitch.interventions.teach.adapter import _NAMES

    names = {v: k for k, v in _NAMES.items()}
    out = {}
    for tensor in gguf.GGUFReader(str(gguf_file)).tensors:
        _, layer, module, _, side = tensor.name.split(".")
        rows = np.array(tensor.data, dtype=np.float32)
        if side == "lora_b" and module in ("attn_q", "attn_k"):
            heads = 9 if module == "attn_q" else 3
            size = rows.shape[0] // heads
            rows = rows.reshape(heads, size // 2, 2, -1).swapaxes(1, 2).reshape(rows.shape)
        out[f"base_model.model.model.layers.{layer}.{names[module]}.lora_{side[-1].upper()}.weight"] = rows
    return out


def peft_logprobs(tensors: dict[str, np.ndarray], ids: list[list[int]]) -> np.ndarray:
    """Return the log-probabilities of the token that follows each prompt, shape (prompts, vocabulary)."""
    import torch
    from peft import set_peft_model_state_dict

    from offswitch.agents.embedded.weights import fetch
    from offswitch.interventions.teach.recipe import Recipe
    from offswitch.interventions.teach.train import _load

    model, _ = _load(fetch(), Recipe())
    set_peft_model_state_dict(model, {k: torch.tensor(v) for k, v in tensors.items()})
    model.eval()
    with torch.no_grad():
        return np.stack([model(input_ids=torch.tensor([p])).logits[0, -1].float().log_softmax(-1).numpy() for p in ids])


def served(tensors: dict[str, np.ndarray], ids: list[list[int]], wanted: np.ndarray, permuted: bool) -> np.ndarray:
    """Return the served model's log-probabilities of the `wanted` tokens, shape (prompts, wanted)."""
    from offswitch.agents.embedded.engine import Engine
    from offswitch.agents.embedded.weights import fetch
    from offswitch.interventions.teach import adapter
    from offswitch.interventions.teach.recipe import Recipe

    kept = adapter.permute
    if not permuted:
        adapter.permute = lambda rows, heads: rows
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = adapter.write_adapter(tensors, Path(folder, "a.gguf"), Recipe().alpha, 9, 3, {})
            engine = Engine(fetch(), path)
            out = np.array([[engine.score(p, [int(t)])[0] for t in row] for p, row in zip(ids, wanted, strict=True)])
            engine.close()
    finally:
        adapter.permute = kept
    return out


def main() -> None:
    try:
        import torch  # noqa: F401
    except ImportError:
        print("not run: torch is not installed (pip install 'offswitch[train]')")
        sys.exit(0)
    from offswitch.agents.embedded.agent import adapter_file

    tensors, ids = adapter_tensors(adapter_file()), prompts()
    theirs = peft_logprobs(tensors, ids)
    wanted = np.argsort(-theirs, axis=1)[:, :3]
    there = np.take_along_axis(theirs, wanted, axis=1)
    print(f"{len(ids)} prompts, the 3 likeliest tokens of each; difference of log-probabilities, served minus PEFT\n")
    print("| adapter | mean of absolute values | largest | largest where PEFT gives at least 1% |\n|---|---|---|---|")
    for label, permuted in ROWS:
        gap = np.abs(served(tensors, ids, wanted, permuted) - there)
        print(f"| {label} | {gap.mean():.3f} | {gap.max():.3f} | {gap[there > np.log(0.01)].max():.3f} |")


if __name__ == "__main__":
    main()
