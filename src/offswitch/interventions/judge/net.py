"""The network: MiniLM's encoder (BERT, post-norm; Devlin et al. 2019), its states' mean and the facts, a linear head on both.

The encoder is written out here, since the library's fused attention takes half of a training step to go back on CPU, and its
written-out one widens to 32 bits. Its weights are read from the base model's file by their names. Needs the extra `judge`.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from offswitch.verdicts.judges.cases import LABELS

HIDDEN = -30000.0  # added to what must not be looked at
FACTS_SCALE = 0.3  # facts are standardised, times this


def build(base: Path, dropout: float, middle: np.ndarray, spread: np.ndarray) -> Any:
    """Return the network on the base model's weights; `middle` and `spread` standardise the facts, `dropout` acts before the head only.

    Called with ids, segments and mask, each (texts, tokens), and facts (texts, facts), it returns log-odds (texts, labels).
    """
    import torch
    from safetensors.torch import load_file
    from torch import nn

    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    wide, heads = config["hidden_size"], config["num_attention_heads"]

    def norm() -> nn.LayerNorm:
        return nn.LayerNorm(wide, eps=config["layer_norm_eps"])

    class Layer(nn.Module):  # type: ignore[misc,unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.query, self.key, self.value, self.out = (nn.Linear(wide, wide) for _ in range(4))
            self.up = nn.Linear(wide, config["intermediate_size"])
            self.down = nn.Linear(config["intermediate_size"], wide)
            self.norm_1, self.norm_2 = norm(), norm()

        def forward(self, x: torch.Tensor, away: torch.Tensor) -> torch.Tensor:
            x = self.norm_1(x + self.out(self.look(x, away)))
            return self.norm_2(x + self.down(nn.functional.gelu(self.up(x))))

        def look(self, x: torch.Tensor, away: torch.Tensor) -> torch.Tensor:
            texts, tokens, _ = x.shape

            def split(part: nn.Linear) -> torch.Tensor:
                return part(x).view(texts, tokens, heads, wide // heads).transpose(1, 2)

            query, key, value = split(self.query), split(self.key), split(self.value)
            with torch.autocast("cpu", enabled=False):
                odds = query @ key.transpose(2, 3) / math.sqrt(wide // heads) + away.to(query.dtype)
                seen = torch.softmax(odds, dim=-1) @ value
            return seen.transpose(1, 2).reshape(texts, tokens, wide)

    class Net(nn.Module):  # type: ignore[misc,unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(config["vocab_size"], wide)
            self.places = nn.Embedding(config["max_position_embeddings"], wide)
            self.types = nn.Embedding(config["type_vocab_size"], wide)
            self.norm = norm()
            self.layers = nn.ModuleList(Layer() for _ in range(config["num_hidden_layers"]))
            self.drop, self.head = nn.Dropout(dropout), nn.Linear(wide + len(middle), len(LABELS))
            self.register_buffer("middle", torch.tensor(middle, dtype=torch.float32))
            self.register_buffer("spread", torch.tensor(spread / FACTS_SCALE, dtype=torch.float32))

        def forward(
            self, ids: torch.Tensor, segments: torch.Tensor, mask: torch.Tensor, facts: torch.Tensor
        ) -> torch.Tensor:
            at = torch.arange(ids.shape[1], device=ids.device)
            x = self.norm(self.words(ids) + self.places(at) + self.types(segments))
            away = (1 - mask.to(x.dtype))[:, None, None, :] * HIDDEN
            for layer in self.layers:
                x = layer(x, away)
            share = mask.to(x.dtype) / mask.sum(dim=1, keepdim=True)
            mean = self.drop((x * share.unsqueeze(-1)).sum(dim=1))
            odds: torch.Tensor = self.head(
                torch.cat([mean, ((facts - self.middle) / self.spread).to(mean.dtype)], dim=1)
            )
            return odds

    net = Net()
    missing, _ = net.load_state_dict(_renamed(load_file(base / "model.safetensors")), strict=False)
    if set(missing) != {"head.weight", "head.bias", "middle", "spread"}:
        raise ValueError(f"{base} lacks weights: {', '.join(sorted(missing))[:200]}")
    return net


_NAMES = {
    "embeddings.word_embeddings": "words",
    "embeddings.position_embeddings": "places",
    "embeddings.token_type_embeddings": "types",
    "embeddings.LayerNorm": "norm",
    "encoder.layer": "layers",
    "attention.self.query": "query",
    "attention.self.key": "key",
    "attention.self.value": "value",
    "attention.output.dense": "out",
    "attention.output.LayerNorm": "norm_1",
    "intermediate.dense": "up",
    "output.dense": "down",
    "output.LayerNorm": "norm_2",
}


def _renamed(weights: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, tensor in weights.items():
        new = name
        for old, short in _NAMES.items():
            new = new.replace(old, short)
        found[new] = tensor
    return found
