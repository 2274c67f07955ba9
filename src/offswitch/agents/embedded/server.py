"""A llama.cpp server in this process: started on a GGUF file, asked over the loopback, where no other user may ask it."""

import http.client
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from offswitch.agents.embedded.completion import EngineError
from offswitch.study.factors import StudyError

_SECONDS = 900.0


class Server:
    """One server. Raises StudyError in one line for a file that is missing, corrupt or not for this architecture."""

    def __init__(
        self, path: Path, adapter: Path | None, context: int, threads: int, slots: int, cache_mib: int
    ) -> None:
        """Start it; `context` in tokens for all `slots` together, `cache_mib` for prompts that were put away."""
        # the server listens on the loopback: other users of the machine may not ask it
        self._key = secrets.token_hex(16)
        params = parameters(path, context, threads, slots, cache_mib)
        params.api_keys = [self._key]
        if adapter is not None:
            import xllamacpp

            params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)]
        self._running = start(params)
        host, _, port = self._running.listening_address.removeprefix("http://").rpartition(":")
        self._address = (host, int(port))

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

    _looks_right(Path(params.model.path), "model")
    for adapter in params.lora_adapters:
        _looks_right(Path(adapter.path), "adapter")
    try:
        return xllamacpp.Server(params)
    except RuntimeError:
        about = " with the adapter ".join([params.model.path, *(a.path for a in params.lora_adapters)])
        raise StudyError(
            f"the model file {about} cannot be loaded: it is corrupt, cut short, or of an architecture that this xllamacpp "
            "does not know. Fetch it anew, or name another GGUF file"
        ) from None


def _looks_right(file: Path, what: str) -> None:
    if not file.is_file():
        raise StudyError(f"there is no {what} file at {file}; give the path of a GGUF file")
    with file.open("rb") as opened:
        if opened.read(4) != b"GGUF":
            raise StudyError(f"the {what} file {file} is not a GGUF file (it does not begin with 'GGUF')")


def _read(status: int, raw: bytes) -> Any:
    try:
        out = json.loads(raw.decode("utf-8", "replace"))
    except ValueError:
        raise EngineError(f"the embedded model answered {status} with no JSON") from None
    if status != 200:
        detail = out.get("error", {}) if isinstance(out, dict) else {}
        raise EngineError(f"the embedded model answered {status}: {detail.get('message', raw[:200])}")
    return out
