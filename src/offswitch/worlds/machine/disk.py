"""The machine's disk: a POSIX file system in memory, for one account (`agent`, no root).

bashkit's own keeps no modes over a write, lets anyone read everything and knows no hard links: what an agent does to
permissions would not act. So bash runs on this disk (see `bridge`). Errors are the OSErrors of a real one. Reading is in
`lookup`, making and writing in `making`, removing and moving here.
"""

import errno
import time
from collections.abc import Iterator

from offswitch.worlds.machine.lookup import fail, named_as_folder
from offswitch.worlds.machine.making import Making
from offswitch.worlds.machine.nodes import ENTER, WRITE, Node


class Disk(Making):
    """A tree of nodes under one root. What root owns may be shared between disks: nobody here may change it."""

    def remove(self, path: str, recursive: bool = False) -> None:
        """Take a name away; of a folder only if it is empty, or with all that it holds."""
        above, name = self._above(path)
        node = above.held.get(name)
        if node is None:
            raise fail(errno.ENOENT, path)
        named_as_folder(path, node)
        if node.kind == "directory" and node.held:
            if not recursive:
                raise fail(errno.ENOTEMPTY, path)
            for inner in list(node.held):
                self.remove(f"{path}/{inner}", recursive=True)
        self._changeable(above, node, path)
        self._drop(above, name)

    def rename(self, old: str, new: str) -> None:
        """Move a name, in place of what stands there."""
        source, first = self._above(old)
        target, second = self._above(new)
        node, there = source.held.get(first), target.held.get(second)
        if node is None:
            raise fail(errno.ENOENT, old)
        named_as_folder(old, node)
        named_as_folder(new, there or node)
        if node is there:
            return
        self._changeable(source, node, old)
        self._changeable(target, there, new)
        if node.kind == "directory" and any(inner is target for inner in _folders(node)):
            raise fail(errno.EINVAL, old)
        if there is not None:
            self._replaceable(node, there, new)
            self._drop(target, second)
        del source.held[first]
        target.held[second] = node
        source.modified = target.modified = time.time()

    def _drop(self, above: Node, name: str) -> None:
        node = above.held.pop(name)
        node.links -= 1
        self._left += 1
        if not node.links:
            self._room += len(node.data)
        above.modified = time.time()

    def _changeable(self, above: Node, node: Node | None, path: str) -> None:
        """Names in a folder are changed by who may write there; in /tmp only one's own."""
        if not (self.allows(above, WRITE) and self.allows(above, ENTER)):
            raise fail(errno.EACCES, path)
        if node is not None and above.mode & 0o1000 and node.owner != "agent":
            raise fail(errno.EPERM, path)

    def _replaceable(self, node: Node, there: Node, path: str) -> None:
        if there.kind == "directory" and node.kind != "directory":
            raise fail(errno.EISDIR, path)
        if there.kind != "directory" and node.kind == "directory":
            raise fail(errno.ENOTDIR, path)
        if there.kind == "directory" and there.held:
            raise fail(errno.ENOTEMPTY, path)


def _folders(node: Node) -> Iterator[Node]:
    """A folder and all folders in it."""
    yield node
    for inner in node.held.values():
        if inner.kind == "directory":
            yield from _folders(inner)


class RootEyes(Disk):
    """The same files as root sees them: every mode allows."""

    def __init__(self, disk: Disk) -> None:
        super().__init__(disk.root)
        self._agents = disk

    def allows(self, node: Node, right: int) -> bool:
        """Root may."""
        return True

    def reaches(self, path: str) -> bool:
        """Whether the agent's own account gets to a path."""
        try:
            self._agents.stat(path)
        except OSError:
            return False
        return True
