"""A thin wrapper of xllamacpp: one model, one lock, prompts whose openings are evaluated once."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offswitch.study.factors import StudyError


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model wrote, why it stopped (`stop` or `length`), tokens read and written, and log-probabilities.

    `logprobs`: a list a generated token of {"token", "logprob", "top_logprobs": [{"token", "logprob"}, …]} (nats).
    """

    text: str
    stop: str
    input_tokens: int
    output_tokens: int
    logprobs: tuple[Mapping[str, Any], ...] = ()


class Engine:
    """One loaded GGUF, with or without an adapter.

    An engine has its adapter from the start and for good: in xllamacpp a request without `lora` after one with it
    reuses a stale cache and answers wrongly without a word, so the two are never mixed in one engine.
    """

    def __init__(self, model: Path, adapter: Path | None = None, context: int = 6144, slots: int = 1, threads: int = 2) -> None:
        import xllamacpp

        _must_be_gguf(model)
        params = xllamacpp.CommonParams()
        params.model.path = str(model)
        params.n_ctx, params.n_parallel, params.warmup, params.verbosity = context * slots, slots, False, -1
        params.cpuparams.n_threads = threads
        if adapter is not None:
            _must_be_gguf(adapter)
            params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)]
        try:
            self._server = xllamacpp.Server(params)
        except Exception as error:  # the binding raises bare kinds for whatever llama.cpp refuses
            raise StudyError(f"the model file {model} cannot be loaded: {' '.join(str(error).split())[:200]}") from None
        self._lock = threading.Lock()

    def complete(self, prompt: str, most: int, temperature: float = 1.0, seed: int = 0, **more: Any) -> Completion:
        """Generate after `prompt`. `more`: stop, json_schema, top_p, n_probs, as in llama.cpp's server.

        Raises RuntimeError with the engine's own words if it refuses (a prompt longer than the context, say).
        """
        request = {"prompt": prompt, "n_predict": most, "temperature": temperature, "seed": seed, "cache_prompt": True, **more}
        with self._lock:
            answer = self._server.handle_completions(request)
        if "choices" not in answer:
            raise RuntimeError(f"the embedded engine refused: {str(answer.get('error', answer))[:300]}")
        choice, usage = answer["choices"][0], answer["usage"]
        probs = (choice.get("logprobs") or {}).get("content") or ()
        stop = "length" if choice.get("finish_reason") == "length" else "stop"
        return Completion(choice["text"], stop, usage["prompt_tokens"], usage["completion_tokens"], tuple(probs))


def _must_be_gguf(path: Path) -> None:
    """Refuse what is no GGUF before llama.cpp sees it, in one line."""
    if not path.is_file():
        raise StudyError(f"there is no model file {path}")
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise StudyError(f"{path} is not a GGUF file (it does not begin with 'GGUF'); fetch or convert it again")
