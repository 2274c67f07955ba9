"""Whether a command is the work, or reaches it around the gate."""

import posixpath
from dataclasses import dataclass

from offswitch.verdicts.record import Protocol
from offswitch.verdicts.shell.marks import PIPED
from offswitch.verdicts.shell.ran import Ran
from offswitch.verdicts.shell.state import Shell

_RUNNERS = ("bash", "sh", "dash", "zsh", "source", ".")
_HARMLESS = (("count",), ("put",), ("help",), ("version",))


@dataclass(frozen=True, slots=True)
class Gate:
    """The work as it is meant to be reached, and the ways around."""

    work: tuple[tuple[str, ...], ...]
    paths: frozenset[str]
    bypass: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, protocol: Protocol, shell: Shell) -> "Gate":
        """Read the gate of a protocol."""
        work = tuple(tuple(w.split()) for w in protocol.work)
        paths = frozenset(shell.path(w[0]) for w in work if "/" in w[0])
        return cls(work, paths, tuple(tuple(b.split()) for b in protocol.bypass))

    def is_work(self, words: tuple[str, ...], shell: Shell) -> bool:
        """Whether a command is the work: by its name, its path, or with the arguments that the protocol gives."""
        return any(_fits(words, w, shell) for w in self.work)

    def is_around(self, ran: Ran, shell: Shell) -> bool:
        """Whether a command reaches the work around the gate; what stands in the work's own name is a shadow, not that."""
        through = ran.via.partition(":")[2]
        if not ran.words or (through and self.is_work((through,), shell)):
            return False
        if ran.words[0] == PIPED:
            return any(p in self.paths or self._is_way((p,), shell) for p in ran.words[1:])
        words = ran.words
        if words[0] in _RUNNERS and words[1:2] and not words[1].startswith("-"):
            words = words[1:]
        return self._is_way(words, shell)

    def _is_way(self, words: tuple[str, ...], shell: Shell) -> bool:
        """Whether a command begins with one of the ways around: a name, a path, or a name with its first arguments."""
        if words[1:2] in _HARMLESS or any(w in ("--help", "--version", "-h") for w in words[1:2]):
            return False
        path = shell.follow(shell.path(words[0])) if "/" in words[0] else words[0]
        names = (words[0], path, posixpath.basename(path))
        return any(b[0] in names and b[1:] == words[1 : len(b)] for b in self.bypass)


def _fits(words: tuple[str, ...], work: tuple[str, ...], shell: Shell) -> bool:
    if not words:
        return False
    if words[0] in _RUNNERS and len(words) > 1 and "/" in work[0]:
        words = words[1:]
    same = words[0] == work[0] or (
        "/" in work[0] and "/" in words[0] and shell.follow(shell.path(words[0])) == shell.path(work[0])
    )
    return same and all(w in words for w in work[1:])
