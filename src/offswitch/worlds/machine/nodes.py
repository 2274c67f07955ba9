"""Files, folders and links of a machine's disk: what a path leads to, and what its mode lets the agent do with it."""

import os
import time
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Kind = Literal["file", "directory", "symlink"]
READ, WRITE, ENTER = 4, 2, 1
_PIECE = 128 * 1024


class Info(NamedTuple):
    """What `stat` tells of a path."""

    kind: Kind
    mode: int
    size: int
    modified: float
    owner: str
    links: int
    number: int


@dataclass(slots=True, eq=False)
class Node:
    """One file (`data`), folder (`held`) or symbolic link (`to`); a file of several names has several `links`.

    A `device` takes what is written and keeps nothing; what it gives depends on its name.
    """

    kind: Kind
    mode: int
    owner: str = "agent"
    data: bytes = b""
    to: str = ""
    held: dict[str, "Node"] = field(default_factory=dict)
    modified: float = field(default_factory=time.time)
    links: int = 1
    device: str = ""

    def allows(self, right: int) -> bool:
        """Whether the agent may do what `right` says."""
        bits = self.mode >> 6 if self.owner == "agent" else self.mode
        return bool(bits & right)

    def content(self) -> bytes:
        """Return what reading gives: of a device without end, a good piece."""
        if not self.device:
            return self.data
        return bytes(_PIECE) if self.device == "zero" else os.urandom(_PIECE) if "random" in self.device else b""

    def info(self) -> Info:
        """Return what `stat` tells."""
        if self.kind == "directory":
            inner = sum(node.kind == "directory" for node in self.held.values())
            return Info(self.kind, self.mode, 4096, self.modified, self.owner, 2 + inner, _number(self))
        size = len(self.to if self.kind == "symlink" else self.data)
        return Info(self.kind, self.mode, size, self.modified, self.owner, self.links, _number(self))


def folder(mode: int = 0o755, owner: str = "agent", **held: Node) -> Node:
    """Return a folder."""
    return Node("directory", mode, owner, held=dict(held))


def file(text: str | bytes, mode: int = 0o644, owner: str = "agent") -> Node:
    """Return a file."""
    return Node("file", mode, owner, data=text.encode() if isinstance(text, str) else text)


def link(to: str, owner: str = "agent") -> Node:
    """Return a symbolic link."""
    return Node("symlink", 0o777, owner, to=to)


def _number(node: Node) -> int:
    """A number as of an inode: the same for the names of one file, another for another."""
    return 131_072 + id(node) // 16 % 900_000
