"""What is asked of the embedded engine and what it answers: sampling, tokens with their log-probabilities, completions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


class EngineError(RuntimeError):
    """The engine could not answer a request (too long a prompt, a bad schema); the message says why."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to write. The defaults are plain sampling at temperature 1, not llama.cpp's (top-k 40, top-p 0.95, min-p 0.05)."""

    max_tokens: int = 400
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    json_schema: Mapping[str, Any] | None = None
    grammar: str | None = None
    n_probs: int = 0
    bias: tuple[tuple[int, float], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the settings as llama.cpp's `/completion` names them."""
        out: dict[str, Any] = {
            "n_predict": self.max_tokens, "temperature": self.temperature, "top_p": self.top_p, "top_k": self.top_k,
            "min_p": 0.0, "n_probs": self.n_probs, "stop": list(self.stop), "logit_bias": [list(b) for b in self.bias],
        }  # fmt: skip
        optional = {"seed": self.seed, "json_schema": self.json_schema, "grammar": self.grammar}
        return out | {k: v for k, v in optional.items() if v is not None}


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A token, its natural log-probability at temperature 1 over the whole vocabulary, and the likeliest others."""

    id: int
    text: str
    logprob: float
    top: tuple["TokenLogprob", ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """What was written. `cached_tokens` of `prompt_tokens` needed no evaluation; `stop` says why it ended."""

    text: str
    tokens: tuple[int, ...]
    stop: Literal["eos", "word", "limit"]
    prompt_tokens: int
    cached_tokens: int
    logprobs: tuple[TokenLogprob, ...] = ()


def read_completion(raw: Mapping[str, Any]) -> Completion:
    """Read an answer of llama.cpp's `/completion`. Raises EngineError for a reason to stop that is not known."""
    stop = raw["stop_type"]
    if stop not in ("eos", "word", "limit"):
        raise EngineError(f"the embedded model stopped for an unknown reason: {stop!r}")
    read = tuple(_logprob(t) for t in raw.get("completion_probabilities", ()))
    cached = int(raw["timings"]["cache_n"])
    return Completion(raw["content"], tuple(raw["tokens"]), stop, int(raw["tokens_evaluated"]), cached, read)


def _logprob(raw: Mapping[str, Any]) -> TokenLogprob:
    return TokenLogprob(
        raw["id"], raw["token"], raw["logprob"], tuple(_logprob(t) for t in raw.get("top_logprobs", ()))
    )
