"""The machine's disk: a POSIX file system in memory, for one account (`agent`, no root).

bashkit's own keeps no modes over a write, lets anyone read everything and knows no hard links: what an agent does to
permissions would not act. So bash runs on this disk (see `bridge`). Errors are the OSErrors of a real one.
"""

import errno
import os
import posixpath
import time
from collections.abc import Iterator

from offswitch.worlds.machine.nodes import ENTER, READ, WRITE, Info, Node, file, folder
from offswitch.worlds.machine.nodes import link as soft_link

_ROOM = 32 * 1024 * 1024
_HOPS = 40
_OPEN = 0o101  # lets in whoever comes
_MANY = 20_000  # files and folders


def fail(number: int, path: object) -> OSError:
    """Return the error that a real disk gives for an errno."""
    return OSError(number, os.strerror(number), str(path))


class Disk:
    """A tree of nodes under one root. What root owns may be shared between disks: nobody here may change it."""

    def __init__(self, root: Node) -> None:
        self.root, self.umask = root, 0o022
        self._room, self._left = _ROOM, _MANY

    def read_file(self, path: str) -> bytes:
        """Return a file's content."""
        return self._open(path, READ).content()

    def write_file(self, path: str, data: bytes) -> None:
        """Write a file whole: what is there keeps its mode and its other names."""
        node = self._opened(path)
        self._fill(node, data, path)

    def append_file(self, path: str, data: bytes) -> None:
        """Write behind what a file holds."""
        node = self._opened(path)
        self._fill(node, node.data + data, path)

    def mkdir(self, path: str, recursive: bool = False) -> None:
        """Make a folder, with `recursive` also those that lead there."""
        if self._find(path) is not None:
            if recursive and self.node(path).kind == "directory":
                return
            raise fail(errno.EEXIST, path)
        above = posixpath.dirname(path.rstrip("/"))
        if recursive and self._find(above) is None:
            self.mkdir(above, recursive=True)
        self._add(path, folder(0o777 & ~self.umask))

    def symlink(self, target: str, link: str) -> None:
        """Make a symbolic link."""
        self._add(link, soft_link(target))

    def link(self, old: str, new: str) -> None:
        """Give a file a further name."""
        node = self.node(old, follow=False)
        if node.kind == "directory":
            raise fail(errno.EPERM, old)
        self._add(new, node)
        node.links += 1

    def remove(self, path: str, recursive: bool = False) -> None:
        """Take a name away; of a folder only if it is empty, or with all that it holds."""
        above, name = self._above(path)
        node = above.held.get(name)
        if node is None:
            raise fail(errno.ENOENT, path)
        _named_as_folder(path, node)
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
        _named_as_folder(old, node)
        _named_as_folder(new, there or node)
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

    def copy(self, old: str, new: str) -> None:
        """Copy a file's content."""
        self.write_file(new, self.read_file(old))

    def chmod(self, path: str, mode: int) -> None:
        """Give a file or folder of the agent's another mode."""
        node = self.node(path)
        if node.owner != "agent":
            raise fail(errno.EPERM, path)
        node.mode = mode & 0o7777

    def touch(self, path: str, when: float) -> None:
        """Set the time of the last change, of a file that may be written."""
        node = self.node(path)
        if node.owner != "agent" and not self.allows(node, WRITE):
            raise fail(errno.EACCES, path)
        node.modified = when

    def stat(self, path: str) -> Info:
        """Return what stands at a path, a link being one."""
        return self.node(path, follow=False).info()

    def read_dir(self, path: str) -> list[tuple[str, Info]]:
        """Return what a folder holds, in no order."""
        node = self.node(path)
        if node.kind != "directory":
            raise fail(errno.ENOTDIR, path)
        if not self.allows(node, READ):
            raise fail(errno.EACCES, path)
        return [(name, inner.info()) for name, inner in node.held.items()]

    def read_link(self, path: str) -> str:
        """Return where a symbolic link leads."""
        node = self.node(path, follow=False)
        if node.kind != "symlink":
            raise fail(errno.EINVAL, path)
        return node.to

    def exists(self, path: str) -> bool:
        """Whether a path leads to something, links followed."""
        return self._find(path) is not None

    def may(self, path: str, right: int) -> bool:
        """Whether something is there that the agent may read, write or enter."""
        node = self._find(path)
        return node is not None and (not right or self.allows(node, right))

    def allows(self, node: Node, right: int) -> bool:
        """Whether this account may do with a node what `right` says."""
        return node.allows(right)

    def real(self, path: str) -> str:
        """Return a path without links, as far as it leads somewhere."""
        found = "/"
        for part in path.split("/"):
            found = posixpath.normpath(posixpath.join(found, part))
            for _ in range(_HOPS):
                try:
                    found = posixpath.join(posixpath.dirname(found), self.read_link(found))
                except OSError:
                    break
                found = self.real(posixpath.normpath(found))
        return found

    def node(self, path: str, follow: bool = True, hops: int = _HOPS) -> Node:
        """Return what a path leads to. Every folder on the way must let the agent in."""
        node, parts = self.root, [p for p in path.split("/") if p and p != "."]
        trail: list[Node] = []
        follow = follow or path.endswith(("/", "/."))
        for i, part in enumerate(parts):
            if node.kind != "directory":
                raise fail(errno.ENOTDIR, path)
            if part == "..":
                node = trail.pop() if trail else self.root
                continue
            if node.mode & _OPEN != _OPEN and not self.allows(node, ENTER):
                raise fail(errno.EACCES, path)
            if part not in node.held:
                raise fail(errno.ENOENT, path)
            trail.append(node)
            node = node.held[part]
            if node.kind == "symlink" and (follow or i < len(parts) - 1):
                if not hops:
                    raise fail(errno.ELOOP, path)
                at = posixpath.join("/", *parts[:i], node.to)
                return self.node(posixpath.join(at, *parts[i + 1 :]), follow, hops - 1)
        _named_as_folder(path, node)
        return node

    def _find(self, path: str) -> Node | None:
        try:
            return self.node(path)
        except OSError:
            return None

    def _open(self, path: str, right: int) -> Node:
        node = self.node(path)
        if node.kind == "directory":
            raise fail(errno.EISDIR, path)
        if not self.allows(node, right):
            raise fail(errno.EACCES, path)
        return node

    def _opened(self, path: str) -> Node:
        """Return a file to write to, made if there is none."""
        try:
            return self._open(path, WRITE)
        except FileNotFoundError:
            if path.endswith("/"):
                raise fail(errno.EISDIR, path) from None
            return self._add(self._led(path), file(b"", 0o666 & ~self.umask))

    def _led(self, path: str) -> str:
        """Follow links that lead nowhere yet: writing makes what they name."""
        for _ in range(_HOPS):
            try:
                path = posixpath.join(posixpath.dirname(path), self.read_link(path))
            except OSError:
                return path
        raise fail(errno.ELOOP, path)

    def _above(self, path: str) -> tuple[Node, str]:
        """Return the folder that holds a name, and the name."""
        above, name = posixpath.split(path.rstrip("/"))
        node = self.node(above)
        if node.kind != "directory":
            raise fail(errno.ENOTDIR, path)
        if not self.allows(node, ENTER):
            raise fail(errno.EACCES, path)
        if name in ("", ".", ".."):
            raise fail(errno.EBUSY, path)
        return node, name

    def _add(self, path: str, node: Node) -> Node:
        above, name = self._above(path)
        if name in above.held:
            raise fail(errno.EEXIST, path)
        if path.endswith("/") and node.kind != "directory":
            raise fail(errno.ENOENT, path)
        if not self.allows(above, WRITE):
            raise fail(errno.EACCES, path)
        if len(name.encode()) > 255:
            raise fail(errno.ENAMETOOLONG, path)
        if not self._left:
            raise fail(errno.ENOSPC, path)
        self._left -= 1
        above.held[name] = node
        above.modified = time.time()
        return node

    def _fill(self, node: Node, data: bytes, path: str) -> None:
        if node.device:
            return
        if len(data) - len(node.data) > self._room:
            raise fail(errno.ENOSPC, path)
        self._room -= len(data) - len(node.data)
        node.data, node.modified = data, time.time()

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


def _named_as_folder(path: str, node: Node) -> None:
    """A name with a slash at its end is a folder's."""
    if path.endswith("/") and node.kind != "directory":
        raise fail(errno.ENOTDIR, path)


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
