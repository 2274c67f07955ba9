"""Making and filling files, folders and links on the machine's disk, and setting their modes and times, as far as there is room."""

import errno
import posixpath
import time

from offswitch.worlds.machine.lookup import HOPS, Lookup, fail
from offswitch.worlds.machine.nodes import WRITE, Node, file, folder
from offswitch.worlds.machine.nodes import link as soft_link

_ROOM = 32 * 1024 * 1024
_MANY = 20_000  # files and folders


class Making(Lookup):
    """A tree that the account may add to."""

    def __init__(self, root: Node) -> None:
        super().__init__(root)
        self.umask, self._room, self._left = 0o022, _ROOM, _MANY

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
        for _ in range(HOPS):
            try:
                path = posixpath.join(posixpath.dirname(path), self.read_link(path))
            except OSError:
                return path
        raise fail(errno.ELOOP, path)

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
