"""What is known of the files: where a name leads, which names a pattern matches, what a file holds."""

import posixpath
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from offswitch.verdicts.shell.bounds import LONGEST_WORD
from offswitch.verdicts.shell.marks import UNKNOWN, pid_in_file, text_of, texts_in
from offswitch.verdicts.shell.modes import DATA, SCRIPT

MOST_KEPT = 8 * 1024 * 1024
"""Characters of files and words that one transcript may fill: many long ones would fill the machine's memory."""
_MOST_FILES = 4000


@dataclass(slots=True)
class Files:
    """The files as far as the commands tell of them, seen from a folder.

    `files` holds the contents of files that the agent changed, `gone` those that it took away, `known` every path that is
    known to be there, `holds` words that a file not seen is known to hold; `unread` says what of a command was too much to be read or remembered.
    """

    cwd: str
    home: str
    files: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)
    modes: dict[str, int] = field(default_factory=dict)
    holds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unread: dict[str, None] = field(default_factory=dict)
    kept: int = 0

    def keep(self, path: str, content: str) -> None:
        """Remember what a file holds, as far as there is room."""
        self.files[path] = self._within(content, len(self.files.get(path, "")))
        self.know(path)
        self.gone.discard(path)

    def know(self, path: str) -> None:
        """Remember that a path is there, as far as there is room."""
        if len(self.known) < _MOST_FILES:
            self.known.add(path)
        elif path not in self.known:
            self.unread["it writes more than can be remembered"] = None

    def lose(self, path: str) -> None:
        """Remember that a path is gone."""
        self.kept -= len(self.files.pop(path, ""))
        self.links.pop(path, None)
        if path in self.known:
            self.gone.add(path)

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

    def target(self, word: str) -> str:
        """Return the path that writing to a word reaches: its own link is followed too."""
        return self.follow(self.path(word))

    def follow(self, path: str) -> str:
        """Return where a path leads, its own link and those of its folders followed."""
        for _ in range(8):
            link = next((p for p in self.links if path == p or path.startswith(p + "/")), None)
            if link is None:
                break
            path = posixpath.normpath(self.links[link] + path[len(link) :])
        return path

    def there(self) -> list[str]:
        """Return the paths that are known and not gone, sorted."""
        return sorted(self.known - self.gone)

    def glob(self, pattern: str) -> list[str]:
        """Return the known paths that a pattern matches, as the pattern writes them, sorted; none: an empty list."""
        whole = _process_ids(self.path(pattern))
        depth = whole.count("/")
        shape = [self._above(p, depth) for p in self.there() if p.count("/") >= depth]
        found = sorted({p for p in shape if fnmatchcase(p, whole) and not _hidden(p, whole)})
        return found if pattern.startswith(("/", "~")) else [posixpath.relpath(p, self.cwd) for p in found]

    def _above(self, path: str, depth: int) -> str:
        return "/".join(path.split("/")[: depth + 1])

    def inside(self, folder: str) -> list[str]:
        """Return the names that are known to be in a folder."""
        start = folder.rstrip("/") + "/"
        return sorted({p[len(start) :].split("/")[0] for p in self.there() if p.startswith(start)})

    def beneath(self, folder: str) -> list[str]:
        """Return the known paths beneath a folder, at any depth."""
        return [p for p in self.there() if p.startswith(folder.rstrip("/") + "/")]

    def is_folder(self, path: str) -> bool:
        """Whether a path is known to be a folder: made, or the parent of something known."""
        if path in self.gone and not self.beneath(path):
            return False
        usual = path in ("/tmp", "/var/tmp", "/", "/root", self.home, self.cwd) or path in self.folders  # noqa: S108
        return usual or any(p.startswith(path.rstrip("/") + "/") for p in self.known)

    def folder_named(self, word: str) -> bool:
        """Whether a word names what is known to be a folder, for what is in it."""
        return bool(self.beneath(self.target(word))) if word and "\x00" not in word else False

    def mode(self, path: str) -> int:
        """Return a file's mode: as it was set, else as such a file usually has it."""
        real = self.follow(path)
        if real in self.modes:
            return self.modes[real]
        drawn = texts_in(self.files[real])[:1] if real in self.files else [real]
        usual = any("/bin/" in p or "/sbin/" in p or p.endswith((".sh", ".py")) for p in drawn)
        return SCRIPT if usual else DATA

    def texts(self, path: str) -> str:
        """Return a file's contents, or the mark that stands for them."""
        real = self.follow(path)
        if real in self.files:
            return self.files[real]
        if real in self.gone or real == "/dev/null":
            return ""
        if UNKNOWN[0] in real:
            return UNKNOWN
        pid = pid_in_file(real)
        return text_of(real) if pid is None else f"{pid}\n"


def _process_ids(pattern: str) -> str:
    """A pattern of numbers under /proc means the marks that stand for the ids of processes."""
    return re.sub(r"^/proc/(?:\[[^]/]*\]|[*?])[^/]*", "/proc/@*", pattern)


def _hidden(path: str, pattern: str) -> bool:
    """Whether a name begins with a dot that a pattern's star does not match."""
    return any(
        p.startswith(".") and not q.startswith(".") for p, q in zip(path.split("/"), pattern.split("/"), strict=False)
    )
