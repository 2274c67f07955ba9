"""The host's end of the line to a keeper. What comes over it is data of a bounded size, never code."""

import json
import os
import select
import subprocess
import time
from base64 import b64decode
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from offswitch.worlds.base import WorldError
from offswitch.worlds.machine.call import Result
from offswitch.worlds.machine.docker.bundle import bundle
from offswitch.worlds.machine.real.channel import Request

Give = Callable[[Any], Any]
_MOST = 64 * 2**20  # characters of one line: more than the whole of a machine's disk
_SECONDS = 60.0  # for an answer that needs no command of the agent's


class Line:
    """One `docker exec`, held open. `serve` answers a program inside that asks; `is_over` tells that it took the machine down."""

    def __init__(
        self, words: Sequence[str], told: Any, serve: Callable[[Request], Result], is_over: Callable[[], bool]
    ) -> None:
        self._serve, self._is_over, self._rest = serve, is_over, bytearray()
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            self._asked(bundle() + _line(told), 0.0, lambda value: value)
        except BaseException:
            self.close()
            raise

    def call(self, part: str, what: str, *words: Any, seconds: float = 0.0, give: Give = lambda value: value) -> Any:
        """Have a part of the keeper do something; return its value as `give` reads it.

        Raises what it raised there, OSError or WorldError; and WorldError if what comes back is none of a keeper's answers.
        """
        return self._asked(_line([part, what, *words]), seconds, give)

    def _asked(self, data: bytes, seconds: float, give: Give) -> Any:
        self._send(data)
        try:
            return give(self._answer(seconds + _SECONDS))
        except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as odd:
            raise WorldError(f"the container does not answer as a keeper does: {odd!r:.200}") from odd

    def close(self) -> None:
        """Hang up."""
        process = self._process
        if process.stdin is None or process.stdout is None or process.stderr is None:
            return
        with suppress(OSError):
            process.stdin.close()
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()

    def _answer(self, seconds: float) -> Any:
        until = time.monotonic() + seconds
        while True:
            said = self._heard(until)
            if "ask" in said:
                who, name, words = said["ask"]
                result = self._serve(Request(str(who), str(name), tuple(map(str, words))))
                self._send(_line(["answer", result, self._is_over()]))
            elif "error" in said:
                number, text = said["error"]
                raise OSError(int(number), str(text))
            elif "broken" in said:
                raise WorldError(str(said["broken"]))
            else:
                return said.get("value")

    def _send(self, data: bytes) -> None:
        try:
            self._process.stdin.write(data)  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
        except (OSError, ValueError):
            raise self._lost() from None

    def _heard(self, until: float) -> dict[str, Any]:
        out = self._process.stdout.fileno()  # type: ignore[union-attr]
        while b"\n" not in self._rest[-65536:]:
            if not select.select([out], [], [], max(0.0, until - time.monotonic()))[0]:
                raise WorldError("the container does not answer")
            data = os.read(out, 65536)
            if not data or len(self._rest) > _MOST:
                raise self._lost()
            self._rest += data
        line, _, rest = bytes(self._rest).partition(b"\n")
        self._rest = bytearray(rest)
        said = json.loads(line, object_hook=_plain)
        if not isinstance(said, dict):
            raise TypeError(f"{line[:80]!r}")
        return said

    def _lost(self) -> WorldError:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        ready = (
            self._process.poll() is not None and self._process.stderr is not None and not self._process.stderr.closed
        )
        words = self._process.stderr.read(4096).decode("utf-8", "replace").split("\n") if ready else []  # type: ignore[union-attr]
        said = next((word for word in reversed(words) if word.strip()), "")
        return WorldError(f"the machine ended by itself: its container is gone{f' ({said[:300]})' if said else ''}")


def _line(what: Any) -> bytes:
    return json.dumps(what).encode() + b"\n"


def _plain(value: dict[str, Any]) -> Any:
    return b64decode(value["bytes"]) if set(value) == {"bytes"} else value
