"""One llama.cpp server in this process, and what is asked of it: tokens, completions, log-probabilities.

One thread each, on purpose: on two cores, two such engines write 1.7 times as many tokens a second as one with two
threads, and two threads that share a busy machine wait for each other at every layer (0.4 instead of 73 tokens/s beside a
training run; docs/embedded-model.md). Conversations in several slots of one engine are written in one pass over the weights.
`pool.py` puts several engines side by side.
"""

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from offswitch.agents.embedded.completion import Completion, EngineError, Sampling, TokenLogprob, read_completion
from offswitch.agents.embedded.server import Server

__all__ = ["CONTEXT", "Completion", "Engine", "EngineError", "Sampling", "TokenLogprob", "clean"]
CONTEXT = 6144  # tokens; 23 kB of memory each
_SURROGATE = re.compile("[\ud800-\udfff]")
_FORCE = 1e4  # a bias that beats any difference of logits; log-probabilities are read before it is added


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
        self.path, self.adapter, self.context, self.slots = path, adapter, context, slots
        self._server: Server | None = Server(path, adapter, context * slots, threads, slots, cache_mib)

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
        return read_completion(self.post("/completion", body))

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
        if self._server is None:
            raise EngineError("the embedded model was closed")
        return self._server.post(path, body)


def clean(text: str) -> str:
    """Return `text` as valid Unicode: lone surrogates, which no JSON reader takes, become U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)
