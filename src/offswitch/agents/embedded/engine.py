"""One llama.cpp server in this process, and what is asked of it: tokens, completions, log-probabilities.

One thread each, on purpose: on two cores, two such engines write 1.7 times as many tokens a second as one with two
threads, and two threads that share a busy machine wait for each other at every layer (0.4 instead of 73 tokens/s beside a
training run; docs/embedded-model.md). Conversations in several slots of one engine are written in one pass over the weights.
`pool.py` puts several engines side by side.
"""

import http.client
import json
import math
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from offswitch.study.factors import StudyError

CONTEXT = 6144  # tokens; 23 kB of memory each
_SECONDS = 900.0
_SURROGATE = re.compile("[\ud800-\udfff]")
_FORCE = 1e4  # a bias that beats any difference of logits; log-probabilities are read before it is added


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


# llama.cpp cuts the tail of the distribution by default; a rate at temperature 1 must be the model's own.
_SAMPLING = {"cache_prompt": True, "top_k": 0, "top_p": 1.0, "min_p": 0.0}


@dataclass(frozen=True, slots=True)
class Completion:
    """What was written. `cached_tokens` of `prompt_tokens` needed no evaluation; `stop` says why it ended."""

    text: str
    tokens: tuple[int, ...]
    stop: Literal["eos", "word", "limit"]
    prompt_tokens: int
    cached_tokens: int
    logprobs: tuple[TokenLogprob, ...] = ()


class Engine:
    """A loaded GGUF, with or without a LoRA adapter for its whole life.

    The adapter is never chosen by request: in this version of xllamacpp a request without `lora` after one with it answers
    from the other's cache, without a word. Two engines share the file's pages instead.
    """

    def __init__(
        self,
        path: Path,
        adapter: Path | None = None,
        *,
        context: int = CONTEXT,
        threads: int = 1,
        slots: int = 1,
        cache_mib: int = 0,
    ) -> None:
        """Load. `context` in tokens for each of `slots` conversations; `cache_mib` bounds the memory for prompts kept beside the current one.

        It is off: a prompt that was put away and brought back gives log-probabilities that differ by up to 0.03, so that a
        seed would no longer repeat a reply. The current prompt is always kept: a conversation is never read twice.
        Raises StudyError in one line for a file that is missing, corrupt or not for this architecture.
        """
        for file, what in ((path, "model"), (adapter, "adapter")):
            _looks_right(file, what)
        self.path, self.adapter, self.context, self.slots = path, adapter, context, slots
        self._key = secrets.token_hex(
            16
        )  # the server listens on the loopback: other users of the machine may not ask it
        params = parameters(path, context * slots, threads, slots, cache_mib)
        params.api_keys = [self._key]
        if adapter is not None:
            import xllamacpp

            params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)]
        self._server = start(params)
        host, _, port = self._server.listening_address.removeprefix("http://").rpartition(":")
        self._address = (host, int(port))

    def close(self) -> None:
        """Stop the server and give its memory back."""
        self._server = None

    def tokenise(self, text: str, special: bool = False) -> list[int]:
        """Return token ids. Control tokens are read as such only if `special`; lone surrogates become U+FFFD."""
        body = {"content": clean(text), "parse_special": special, "add_special": False}
        return list(self.post("/tokenize", body)["tokens"])

    def detokenise(self, tokens: Sequence[int]) -> str:
        """Return the text of token ids."""
        return str(self.post("/detokenize", {"tokens": list(tokens)})["content"])

    def complete(self, prompt: Sequence[int], sampling: Sampling, slot: int = 0) -> Completion:
        """Continue `prompt` (token ids) in a slot, which keeps it for what follows. Raises EngineError if it is empty, too long or cannot be constrained so."""
        if not prompt:
            raise EngineError("the prompt is empty")
        body = sampling.to_json() | {
            "prompt": list(prompt),
            "cache_prompt": True,
            "return_tokens": True,
            "id_slot": slot,
        }
        return _completion(self.post("/completion", body))

    def score(self, prompt: Sequence[int], continuation: Sequence[int], slot: int = 0) -> list[float]:
        """Return the natural log-probability of each token of `continuation` after `prompt`.

        llama.cpp's server has no such request, so each token is forced by a bias in turn; the log-probability that it
        reports is that before the bias. One token is evaluated a step: the rest is in the cache.
        """
        out, so_far = [], list(prompt)
        if (
            continuation
        ):  # then every reading below evaluates one token: other batch sizes round otherwise, by up to 0.03
            self.complete(so_far, Sampling(max_tokens=1, temperature=0.0), slot)
        for token in continuation:
            forced = Sampling(max_tokens=1, temperature=0.0, n_probs=1, bias=((token, _FORCE),))
            got = self.complete(so_far, forced, slot).logprobs
            if not got or got[0].id != token or not math.isfinite(got[0].logprob):
                raise EngineError(f"the log-probability of token {token} could not be read")
            out.append(got[0].logprob)
            so_far.append(token)
        return out

    def chat_template(self) -> str:
        """Return the chat template that the GGUF carries (Jinja), or llama.cpp's default."""
        return str(self.post("/props", None).get("chat_template", ""))

    def post(self, path: str, body: Mapping[str, Any] | None) -> Any:
        """Ask the server (GET where `body` is None); return its JSON. Raises EngineError with the server's reason."""
        link = http.client.HTTPConnection(*self._address, timeout=_SECONDS)
        try:
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"}
            link.request("GET" if body is None else "POST", path, None if body is None else json.dumps(body), headers)
            answer = link.getresponse()
            raw = answer.read()
        except OSError as error:
            raise EngineError(f"the embedded model does not answer: {error}") from None
        finally:
            link.close()
        return _read(answer.status, raw)


def clean(text: str) -> str:
    """Return `text` as valid Unicode: lone surrogates, which no JSON reader takes, become U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def _looks_right(file: Path | None, what: str) -> None:
    if file is None:
        return
    if not file.is_file():
        raise StudyError(f"there is no {what} file at {file}; give the path of a GGUF file")
    with file.open("rb") as opened:
        if opened.read(4) != b"GGUF":
            raise StudyError(f"the {what} file {file} is not a GGUF file (it does not begin with 'GGUF')")


def parameters(path: Path, context: int, threads: int, slots: int, cache_mib: int = 0) -> Any:
    """Return llama.cpp's settings for a server in this process, `context` tokens in all."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path, params.n_ctx, params.n_parallel = str(path), context, slots
    params.kv_unified = False  # each slot has its context for itself
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.cache_ram_mib, params.verbosity, params.warmup = cache_mib, -1, False
    # Flash attention on CPU adds up in half precision: log-probabilities moved by 0.1 with how much of a prompt was cached.
    # Without it they are the same to the last bit, but for prompts of which all but one token was cached (0.03, seldom), so
    # that a seed repeats a reply; reading is a fifth slower, writing is not.
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.fit_params = params.ui = params.endpoint_slots = False
    # What an agent writes stands for the most part in its prompt already (calls, names, notices). Drafts of five tokens looked
    # up there, kept as far as the model samples the same, leave its distribution as it is and take a third of the time away.
    params.speculative.types = [xllamacpp.common_speculative_type.COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE]
    drafts = params.speculative.ngram_simple
    drafts.size_n, drafts.size_m, drafts.min_hits = 2, 5, 1
    return params


def start(params: Any) -> Any:
    """Start the server; it stands until it is dropped. Raises StudyError in one line for a file that it cannot load."""
    import xllamacpp

    try:
        return xllamacpp.Server(params)
    except RuntimeError:
        about = " with the adapter ".join([params.model.path, *(a.path for a in params.lora_adapters)])
        raise StudyError(
            f"the model file {about} cannot be loaded: it is corrupt, cut short, or of an architecture that this xllamacpp "
            "does not know. Fetch it anew, or name another GGUF file"
        ) from None


def _read(status: int, raw: bytes) -> Any:
    try:
        out = json.loads(raw.decode("utf-8", "replace"))
    except ValueError:
        raise EngineError(f"the embedded model answered {status} with no JSON") from None
    if status != 200:
        detail = out.get("error", {}) if isinstance(out, dict) else {}
        raise EngineError(f"the embedded model answered {status}: {detail.get('message', raw[:200])}")
    return out


def _completion(raw: Mapping[str, Any]) -> Completion:
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
