"""What is known of the shell and its files at a point of the trial."""

import posixpath
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tree_sitter import Node

UNKNOWN = "\x00?"
"""Stands in a word for what cannot be known from the commands alone."""

LONGEST_WORD = 65_536
MOST_KEPT = 8 * 1024 * 1024
"""Characters of files and words that one transcript may fill: many long ones would fill the machine's memory."""
_TEXT_OF = re.compile("\x00<([^\x00<>]*)>")


def text_of(path: str) -> str:
    """Return the mark that stands for the text of a file whose contents are not known."""
    return f"\x00<{path}>"


def texts_in(value: str) -> list[str]:
    """Return the files whose unknown text is part of a value."""
    return _TEXT_OF.findall(value)


def without_texts(value: str) -> str:
    """Return a value without the marks of unknown texts: what of a script can be read."""
    return _TEXT_OF.sub("", value)


@dataclass(slots=True)
class Shell:
    """The state that carries from call to call.

    `files` holds the contents of files that the agent wrote, `commands` the paths of commands known by name.
    """

    cwd: str
    home: str
    variables: dict[str, str] = field(default_factory=dict)
    arrays: dict[str, list[str]] = field(default_factory=dict)
    positional: tuple[str, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Node] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)
    commands: dict[str, str] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)
    unread: dict[str, None] = field(default_factory=dict)
    depth: int = 0
    nesting: int = 0
    steps: int = 0
    characters: int = 0
    kept: int = 0

    def begin(self) -> None:
        """Begin the next command: its bounds are its own, and nothing of it is unread yet."""
        self.depth = self.nesting = self.steps = self.characters = 0
        self.running.clear()
        self.unread.clear()

    def keep(self, path: str, content: str) -> None:
        """Remember what a file holds, as far as there is room."""
        self.files[path] = self._within(content, len(self.files.get(path, "")))

    def assign(self, name: str, value: str) -> None:
        """Set a variable, as far as there is room."""
        self.variables[name] = self._within(value, len(self.variables.get(name, "")))

    def _within(self, value: str, before: int) -> str:
        """A value cut to what may be kept; past all room it is noted that something was not."""
        value = value[:LONGEST_WORD]
        if self.kept + len(value) - before > MOST_KEPT:
            self.unread["it writes more than can be remembered"] = None
            value = ""
        self.kept += len(value) - before
        return value

    def path(self, word: str) -> str:
        """Return the absolute path that a word names; links to folders on the way are followed, the last is not."""
        if not word:
            return ""
        if word == "~" or word.startswith("~/"):
            word = self.home + word[1:]
        whole = posixpath.normpath(posixpath.join(self.cwd, word)).replace("//", "/")
        if not self.links:
            return whole
        folder, _, last = whole.rpartition("/")
        return posixpath.join(self.follow(folder or "/"), last)

    def follow(self, path: str) -> str:
        """Return where a path leads, its own link and those of its folders followed."""
        for _ in range(8):
            link = next((p for p in self.links if path == p or path.startswith(p + "/")), None)
            if link is None:
                break
            path = posixpath.normpath(self.links[link] + path[len(link) :])
        return path

    def glob(self, pattern: str) -> list[str]:
        """Return the known paths that a pattern matches (as absolute paths), sorted; none: an empty list."""
        whole = self.path(pattern)
        depth = whole.count("/")
        return sorted(p for p in self.known if p.count("/") == depth and fnmatchcase(p, whole))

    def inside(self, folder: str) -> list[str]:
        """Return the names that are known to be in a folder."""
        start = folder.rstrip("/") + "/"
        return sorted({p[len(start) :].split("/")[0] for p in self.known if p.startswith(start)})

    def is_folder(self, path: str) -> bool:
        """Whether a path is known to be a folder: made, or the parent of something known."""
        usual = path in ("/tmp", "/", self.home, self.cwd) or path in self.folders  # noqa: S108  # names, not use
        return usual or any(p.startswith(path.rstrip("/") + "/") for p in self.known)

    def value(self, name: str) -> str | None:
        """Return a variable's value; None where it is not known."""
        if name.isdigit():
            at = int(name) - 1
            return self.positional[at] if 0 <= at < len(self.positional) else None
        if name in ("@", "*"):
            return " ".join(self.positional)
        found = self.variables.get(name)
        if found is None and name in self.arrays:
            return self.arrays[name][0] if self.arrays[name] else ""
        return found if found is not None else {"HOME": self.home, "PWD": self.cwd}.get(name)

    def texts(self, path: str) -> str:
        """Return a file's contents, or the mark that stands for them."""
        real = self.follow(path)
        return self.files.get(real, text_of(real))
