"""What a path on the machine's disk leads to, for one account (`agent`, no root). Errors are the OSErrors of a real disk."""

import errno
import os
import posixpath

from offswitch.worlds.machine.nodes import ENTER, READ, Info, Node

HOPS = 40  # links followed in a row
_OPEN = 0o101  # lets in whoever comes


def fail(number: int, path: object) -> OSError:
    """Return the error that a real disk gives for an errno."""
    return OSError(number, os.strerror(number), str(path))


class Lookup:
    """A tree of nodes under one root, as the account may see it."""

    def __init__(self, root: Node) -> None:
        self.root = root

    def read_file(self, path: str) -> bytes:
        """Return a file's content."""
        return self._open(path, READ).content()

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
            for _ in range(HOPS):
                try:
                    found = posixpath.join(posixpath.dirname(found), self.read_link(found))
                except OSError:
                    break
                found = self.real(posixpath.normpath(found))
        return found

    def node(self, path: str, follow: bool = True, hops: int = HOPS) -> Node:
        """Return what a path leads to. Every folder on the way must let the agent in."""
        found = self._straight(path)
        return found if found is not None else self._walked(path, follow, hops)

    def _straight(self, path: str) -> Node | None:
        """The short way to most paths: plain names, no link, folders open to all. None where there is more to it."""
        node = self.root
        for part in path.split("/"):
            if part:
                if node.mode & _OPEN != _OPEN:
                    return None
                found = node.held.get(part)
                if found is None or found.kind == "symlink":
                    return None
                node = found
        return None if path.endswith("/") else node

    def _walked(self, path: str, follow: bool, hops: int) -> Node:
        """The same step by step, with what each step may meet."""
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
        named_as_folder(path, node)
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


def named_as_folder(path: str, node: Node) -> None:
    """A name with a slash at its end is a folder's."""
    if path.endswith("/") and node.kind != "directory":
        raise fail(errno.ENOTDIR, path)
