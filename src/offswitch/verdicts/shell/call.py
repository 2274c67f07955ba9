"""One call of a program: what it was given, and the ways in which reading it may go on."""

import posixpath
from dataclasses import dataclass

from offswitch.verdicts.shell.marks import UNKNOWN
from offswitch.verdicts.shell.state import Shell


@dataclass(frozen=True, slots=True)
class Call:
    """A program's name (its last part), its words, and the shell it runs in."""

    name: str
    words: tuple[str, ...]
    shell: Shell

    def asks_help(self) -> bool:
        """Whether it only asks what the program can do."""
        return any(w in ("--help", "--version") for w in self.words)

    def stdin(self) -> str:
        """Take all of the input; UNKNOWN where nothing is known of it."""
        return self.shell.stdin.rest() if self.shell.stdin is not None else UNKNOWN

    def path(self, word: str) -> str:
        """Return the absolute path that a word names."""
        return self.shell.path(word)

    def text(self, word: str) -> str:
        """Return the text of a file, or of the input for `-`."""
        return self.stdin() if word in ("-", "/dev/stdin") else self.shell.texts(self.path(word))


def base(word: str) -> str:
    """Return a program's name without its folder."""
    return posixpath.basename(word)
