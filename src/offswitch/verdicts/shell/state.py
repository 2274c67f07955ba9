"""What is known of the shell and its files at a point of the trial."""

import posixpath
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tree_sitter import Node

UNKNOWN = "\x00?"
"""Stands in a word for what cannot be known from the command alone."""


@dataclass(slots=True)
class Shell:
    """The state that carries from call to call. `files` holds the content of files that the agent wrote."""

    cwd: str
    home: str
    variables: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Node] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    depth: int = 0
    steps: int = 0

    def path(self, word: str) -> str:
        """Return the absolute path that a word names."""
        if word == "~" or word.startswith("~/"):
            word = self.home + word[1:]
        return posixpath.normpath(posixpath.join(self.cwd, word)) if word else ""

    def glob(self, word: str) -> list[str]:
        """Return the known paths that a pattern matches (as absolute paths), else the word as it is."""
        if not any(c in word for c in "*?["):
            return [word]
        pattern = self.path(word)
        depth = pattern.count("/")
        found = sorted(p for p in self.known if p.count("/") == depth and fnmatchcase(p, pattern))
        return found or [word]
