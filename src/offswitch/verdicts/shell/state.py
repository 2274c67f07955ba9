"""What is known of the shell at a point of the trial, and the scopes within which that holds."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate

from tree_sitter import Node

from offswitch.verdicts.shell.bounds import joined
from offswitch.verdicts.shell.paths import Files
from offswitch.verdicts.shell.ran import Ran
from offswitch.verdicts.shell.streams import Stream

STEPS = 3000
_WAYS_OUT = ("exit", "return", "break", "continue")


class Leave(Exception):  # a way out of a script, not an error
    """`exit`, `return`, `break` or `continue`: what follows, as far as that reaches, does not run."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


@dataclass(slots=True)
class Shell(Files):
    """The state that carries from call to call, and what holds for the command that is being read.

    `commands` holds the paths of commands known by name, `pids` the processes behind the numbers seen; `level` counts the
    shells within the agent's own, `maybe` the branches that may not run.
    """

    variables: dict[str, str] = field(default_factory=dict)
    arrays: dict[str, list[str]] = field(default_factory=dict)
    positional: tuple[str, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Node] = field(default_factory=dict)
    commands: dict[str, str] = field(default_factory=dict)
    processes: tuple[str, ...] = ()
    pids: dict[str, str] = field(default_factory=dict)
    visited: list[str] = field(default_factory=list)
    traps: dict[str, str] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)
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
    made: int = 0
    level: int = 0

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
    def telling(self, source: str | None = None, via: str = "") -> Iterator[None]:
        """What is told of all that is done meanwhile: the part of the script to quote, and the way there (the first counts)."""
        kept = self.source, self.via
        self.source, self.via = self.source if source is None else source, self.via or via
        try:
            yield
        finally:
            self.source, self.via = kept

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
            self.out[:] = [joined((*self.out, text))]

    def assign(self, name: str, value: str) -> None:
        """Set a variable, as far as there is room."""
        self.arrays.pop(name, None)
        self.variables[name] = self._within(value, len(self.variables.get(name, "")))

    def shadow(self, name: str) -> str | None:
        """Return the agent's own file that a command's name means first, by the `PATH` that it set; None for another."""
        for folder in self.variables.get("PATH", "").split(":"):
            path = self.path(f"{folder}/{name}") if folder and "\x00" not in folder else ""
            if not folder or "\x00" in folder or path == self.commands.get(name):
                return None
            if path in self.files or path in self.links:
                return path
        return None

    def assign_list(self, name: str, values: Sequence[str]) -> None:
        """Set an array, as far as there is room."""
        self.variables.pop(name, None)
        before = sum(map(len, self.arrays.get(name, ())))
        room = self._within(joined(values), before)
        self.arrays[name] = [
            v for v, end in zip(values, accumulate(map(len, values)), strict=True) if end <= len(room)
        ][:300]

    def value(self, name: str) -> str | None:
        """Return a variable's value; None where it is not known."""
        if name == "0":
            return self.variables.get(name)
        if name.isdecimal():
            at = int(name[:4]) - 1
            return self.positional[at] if 0 <= at < len(self.positional) else None
        if name in ("@", "*", "#"):
            return " ".join(self.positional) if name != "#" else str(len(self.positional))
        found = self.variables.get(name)
        if found is None and name in self.arrays:
            return self.arrays[name][0] if self.arrays[name] else ""
        return found if found is not None else {"HOME": self.home, "PWD": self.cwd}.get(name)
