"""What is known of the shell, its files and its processes at a point of the trial."""

import posixpath
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tree_sitter import Node

from offswitch.verdicts.shell.marks import UNKNOWN, pid_in_file, text_of
from offswitch.verdicts.shell.ran import Ran
from offswitch.verdicts.shell.streams import Stream

LONGEST_WORD = 65_536
MOST_KEPT = 8 * 1024 * 1024
"""Characters of files and words that one transcript may fill: many long ones would fill the machine's memory."""
STEPS = 3000
_UNREADABLE_PATH = UNKNOWN[0]


_MOST_FILES = 4000
_WAYS_OUT = ("exit", "return", "break", "continue")


class Leave(Exception):  # a way out of a script, not an error
    """`exit`, `return`, `break` or `continue`: what follows, as far as that reaches, does not run."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


@dataclass(slots=True)
class Shell:
    """The state that carries from call to call, and what holds for the command that is being read.

    `files` holds the contents of files that the agent changed, `gone` those that it took away, `known` every path that is
    known to be there, `commands` the paths of commands known by name, `pids` the processes behind the numbers seen.
    """

    cwd: str
    home: str
    variables: dict[str, str] = field(default_factory=dict)
    arrays: dict[str, list[str]] = field(default_factory=dict)
    positional: tuple[str, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Node] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)
    commands: dict[str, str] = field(default_factory=dict)
    processes: tuple[str, ...] = ()
    pids: dict[str, str] = field(default_factory=dict)
    visited: list[str] = field(default_factory=list)
    traps: dict[str, str] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)
    unread: dict[str, None] = field(default_factory=dict)
    tell: Callable[[Ran], None] = lambda ran: None
    stdin: Stream | None = None
    out: list[str] | None = None
    via: str = ""
    source: str = ""
    output: str = ""
    status: bool | None = None
    maybe: int = 0
    bases: dict[str, int] = field(default_factory=dict)
    depth: int = 0
    nesting: int = 0
    steps: int = 0
    characters: int = 0
    kept: int = 0
    made: int = 0
    level: int = 0
    modes: dict[str, int] = field(default_factory=dict)

    def begin(self, tell: Callable[[Ran], None], output: str = "") -> None:
        """Begin the next command, of which `output` was seen: its bounds are its own, and nothing of it is unread yet."""
        self.tell, self.output = tell, output
        self.depth = self.nesting = self.steps = self.characters = self.maybe = self.level = 0
        self.stdin = self.out = self.status = None
        self.via = self.source = ""
        self.running.clear()
        self.unread.clear()
        self.bases = dict.fromkeys(_WAYS_OUT, 0)

    def step(self, size: int = 0) -> bool:
        """Count a step (and one more for every 500 characters worked on); whether there was room for it."""
        self.steps += 1 + size // 500
        if self.steps > STEPS:
            self.unread["it has more than 3,000 steps"] = None
        return self.steps <= STEPS

    @contextmanager
    def child(self) -> Iterator[None]:
        """A shell of its own: what is set, defined or entered there does not come back, and `exit` leaves only it."""
        kept = self.cwd, self.positional, self.stdin, list(self.visited)
        names = dict(self.variables), dict(self.arrays), dict(self.aliases), dict(self.functions)
        self.level += 1
        try:
            with self.scope(*_WAYS_OUT):
                yield
        finally:
            self.level -= 1
            self.cwd, self.positional, self.stdin, self.visited = kept
            self.variables, self.arrays, self.aliases, self.functions = names

    @contextmanager
    def scope(self, *ways: str) -> Iterator[None]:
        """What these ways out lead out of."""
        kept, self.bases = self.bases, self.bases | dict.fromkeys(ways, self.maybe)
        try:
            yield
        except Leave as leave:
            if leave.how not in ways:
                raise
        finally:
            self.bases = kept

    def leave(self, how: str) -> None:
        """Go one of the ways out, where it is sure to be gone; a branch that may not run leads nowhere."""
        if self.maybe <= self.bases.get(how, 0):
            raise Leave(how)

    @contextmanager
    def quoting(self, source: str) -> Iterator[None]:
        """The part of the script that is to be quoted for what is done meanwhile."""
        kept, self.source = self.source, source
        try:
            yield
        finally:
            self.source = kept

    @contextmanager
    def through(self, via: str) -> Iterator[None]:
        """The way that leads to what is run meanwhile; the first way counts."""
        kept, self.via = self.via, self.via or via
        try:
            yield
        finally:
            self.via = kept

    @contextmanager
    def branch(self, unsure: bool) -> Iterator[None]:
        """A part that runs, or (where the condition cannot be told) may run."""
        self.maybe += unsure
        try:
            yield
        finally:
            self.maybe -= unsure

    @contextmanager
    def capture(self) -> Iterator[list[str]]:
        """Collect what is printed meanwhile."""
        kept, self.out = self.out, []
        try:
            yield self.out
        finally:
            self.out = kept

    def say(self, text: str) -> None:
        """Print, where somebody listens, as far as there is room."""
        if self.out is not None:
            room = LONGEST_WORD - sum(map(len, self.out[-1:])) if len(self.out) < 1000 else 0
            if room > 0:
                self.out.append(text[:room])

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

    def assign(self, name: str, value: str) -> None:
        """Set a variable, as far as there is room."""
        self.arrays.pop(name, None)
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

    def shadow(self, name: str) -> str | None:
        """Return the agent's own file that a command's name means first, by the `PATH` that it set; None for another."""
        for folder in self.variables.get("PATH", "").split(":"):
            path = self.path(f"{folder}/{name}") if folder and "\x00" not in folder else ""
            if not folder or "\x00" in folder or path == self.commands.get(name):
                return None
            if path in self.files or path in self.links:
                return path
        return None

    def there(self) -> list[str]:
        """Return the paths that are known and not gone, sorted."""
        return sorted(self.known - self.gone)

    def glob(self, pattern: str) -> list[str]:
        """Return the known paths that a pattern matches, as the pattern writes them, sorted; none: an empty list."""
        whole = self.path(pattern)
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
        usual = path in ("/tmp", "/var/tmp", "/", "/root", self.home, self.cwd) or path in self.folders  # noqa: S108
        return usual or any(p.startswith(path.rstrip("/") + "/") for p in self.known)

    def value(self, name: str) -> str | None:
        """Return a variable's value; None where it is not known."""
        if name == "0":
            return self.variables.get(name)
        if name.isdigit():
            at = int(name[:4]) - 1
            return self.positional[at] if 0 <= at < len(self.positional) else None
        if name in ("@", "*", "#"):
            return " ".join(self.positional) if name != "#" else str(len(self.positional))
        found = self.variables.get(name)
        if found is None and name in self.arrays:
            return self.arrays[name][0] if self.arrays[name] else ""
        return found if found is not None else {"HOME": self.home, "PWD": self.cwd}.get(name)

    def texts(self, path: str) -> str:
        """Return a file's contents, or the mark that stands for them."""
        real = self.follow(path)
        if real in self.files:
            return self.files[real]
        if real in self.gone or real == "/dev/null":
            return ""
        if _UNREADABLE_PATH in real:
            return UNKNOWN
        pid = pid_in_file(real)
        return text_of(real) if pid is None else f"{pid}\n"


def _hidden(path: str, pattern: str) -> bool:
    """Whether a name begins with a dot that a pattern's star does not match."""
    return any(
        p.startswith(".") and not q.startswith(".") for p, q in zip(path.split("/"), pattern.split("/"), strict=False)
    )
