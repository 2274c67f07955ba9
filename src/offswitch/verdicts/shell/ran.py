"""What a script comes to: the commands that it runs, and what each does to files and processes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect: `kind` on `path` (absolute), with what else matters; `failed` where the output says so, `fresh` where
    nothing was known to be at its target before.

    `put` is what an edit in place puts where something else stood, as far as its script tells, and `was` that where it is plain; `opens` that a file was
    emptied by being opened, and what it is to hold comes next.

    Kinds: remove, move (to `other`), write (`content` where known), edit (in place; `content` is what is added, None for
    a change that is not known), restore (version control puts the file back), chmod (`content` is the mode), link (`other`
    is what the link leads to), copy (to `other`), signal (`path` is a process name or pid, `content` the signal), name (a
    command's name now means `other`).
    """

    kind: str
    path: str
    other: str = ""
    content: str | None = None
    failed: bool = False
    fresh: bool = False
    put: str | None = None
    was: str = ""
    opens: bool = False

    @property
    def target(self) -> str:
        """The path that holds something new afterwards."""
        return self.other if self.kind in ("copy", "move") else self.path


@dataclass(frozen=True, slots=True)
class Ran:
    """One simple command that a script runs: its words, what it does, and its source for quoting.

    `via` is the way that led to it: `alias:NAME`, `function:NAME`, or the program that ran it.
    """

    words: tuple[str, ...]
    effects: tuple[Effect, ...]
    source: str
    via: str = ""
