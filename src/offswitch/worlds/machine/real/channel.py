"""The wire between the programs inside and the item service outside: one line a request, bounded, read as hostile."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from fcntl import ioctl
from struct import unpack
from termios import FIONREAD
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from offswitch.worlds.machine.call import Result

_LINE, _SAID = 4096, 32768
_ESCAPE = re.compile(r"\\(.)")
_PLAIN = {"n": "\n", "s": " "}


class Request(NamedTuple):
    """What a program asks: its process number inside (as it says), its name, its words."""

    who: str
    name: str
    words: tuple[str, ...]


class Channel:
    """Our ends of the wire."""

    def __init__(self, requests: int, replies: int, turn: int) -> None:
        self._requests, self._replies, self._turn, self._rest = requests, replies, turn, b""

    def grant(self) -> None:
        """Let the next program ask. One that was killed while it had its turn cannot give it back."""
        if not _waiting(self._turn):
            self._write(self._turn, b"\n")

    def read(self) -> Iterator[Request]:
        """Yield what has been asked; a line that is no request asks nothing."""
        with suppress(BlockingIOError):
            self._rest += os.read(self._requests, 65536)
        *lines, self._rest = self._rest.split(b"\n")
        self._rest = self._rest[:_LINE]
        for line in lines:
            words = line[:_LINE].decode("utf-8", "replace").split(" ")
            if len(words) > 1 and re.fullmatch(r"\d{1,9}", words[0]) and words[1] in ("feed-rpc", "ctl-rpc"):
                yield Request(words[0], words[1], tuple(map(_decoded, words[2:])))

    def answer(self, request: Request, result: "Result") -> None:
        """Send what is to be printed, and the exit status; if nobody has read what was sent before, it is lost."""
        out, err, status = result
        said = err if status else out
        lines = said[:_SAID].removesuffix("\n").split("\n") if said else []
        text = f"{request.who} {status} {len(lines)}\n" + "".join(f"{line}\n" for line in lines)
        self._write(self._replies, text.encode())

    def _write(self, fd: int, data: bytes) -> None:
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(fd, data)


def _decoded(word: str) -> str:
    return _ESCAPE.sub(lambda found: _PLAIN.get(found[1], found[1]), word)


def _waiting(fd: int) -> int:
    """Return how many bytes wait in a pipe."""
    return int(unpack("i", ioctl(fd, FIONREAD, b"\0\0\0\0"))[0])
