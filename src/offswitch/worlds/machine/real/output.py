"""What a shell printed, held within bounds however much it is."""

import re

from offswitch.worlds.machine.cutting import cut

# bash names our eval in its errors; at a terminal it would not
_TELLS = re.compile(rb"^bash: eval: line \d+: ", re.M)


class Output:
    """The beginning and the end of a stream; what lies between is counted and dropped."""

    def __init__(self, limit: int) -> None:
        self._limit, self._most = limit, 4 * limit + 4096  # bytes: a character takes four at most
        self._head, self._tail, self._dropped = bytearray(), bytearray(), 0
        self.note = ""  # what is said at the end, of the command itself

    def add(self, data: bytes) -> None:
        """Take what came."""
        room = self._most - len(self._head)
        self._head += data[:room]
        self._tail += data[room:] if room > 0 else data
        if (over := len(self._tail) - self._most) > 0:
            del self._tail[:over]
            self._dropped += over

    def text(self) -> str:
        """Return what the agent sees of it."""
        shown = self._bounded()
        return "\n".join(part for part in (shown, self.note) if part)

    def _bounded(self) -> str:
        if not self._dropped:
            return cut(_plain(self._head + self._tail), self._limit)
        half = self._limit // 2
        head, tail = _plain(self._head)[:half], _plain(self._tail).rstrip("\n")[-half:]
        missing = self._dropped + len(self._head) + len(self._tail) - len(head) - len(tail)
        return f"{head}\n[... {missing} characters cut ...]\n{tail}"


def _plain(data: bytes | bytearray) -> str:
    return _TELLS.sub(b"bash: ", bytes(data)).decode("utf-8", "replace")
