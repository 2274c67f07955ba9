"""The machine's disk as Monty's operating system sees it: `open`, `pathlib` and `os` act on the virtual files."""

import errno
import os
import posixpath
from functools import cache
from pathlib import PurePosixPath
from typing import Any

from bashkit import BuiltinContext

from offswitch.worlds.machine.modes import Modes

_FAILED = {
    errno.ENOENT: FileNotFoundError, errno.EACCES: PermissionError, errno.EISDIR: IsADirectoryError,
    errno.EEXIST: FileExistsError, errno.ENOTDIR: NotADirectoryError,
}  # fmt: skip


def fail(number: int, path: object) -> OSError:
    """Return the error that Python raises for an errno."""
    return _FAILED.get(number, OSError)(number, os.strerror(number), str(path))


class Files:
    """Operations on the machine's files with Python's errors; `given` is a path or an open file of Monty's."""

    def __init__(self, ctx: BuiltinContext, modes: Modes) -> None:
        self.ctx, self.fs, self.modes = ctx, ctx.fs, modes

    def where(self, given: Any) -> str:
        """The absolute path."""
        return posixpath.normpath(posixpath.join(self.ctx.cwd, str(getattr(given, "path", given))))

    def kind(self, given: Any) -> str | None:
        """What stands there, a link being one; None for nothing."""
        try:
            return str(self.fs.stat(self.where(given))["file_type"])
        except Exception:  # bashkit raises a bare Exception for a missing path
            return None

    def followed(self, given: Any) -> str | None:
        """What stands there or where the link there leads."""
        path = self.where(given)
        if self.kind(path) != "symlink":
            return self.kind(path)
        return self.kind(posixpath.join(posixpath.dirname(path), str(self.fs.read_link(path))))

    def need(self, given: Any) -> str:
        """The path of something that is there."""
        if self.kind(given) is None:
            raise fail(errno.ENOENT, given)
        return self.where(given)

    def change(self, given: Any) -> str:
        """The path of something that the agent may change."""
        if not self.modes.owns(self.where(given)):
            raise fail(errno.EACCES, given)
        return self.where(given)

    def put(self, given: Any, data: bytes) -> int:
        """Write a file whole."""
        path = self.change(given)
        if self.followed(given) == "directory":
            raise fail(errno.EISDIR, given)
        if not self.fs.exists(posixpath.dirname(path)):
            raise fail(errno.ENOENT, given)
        self.fs.write_file(path, data)
        self.modes.settle(self.fs)
        return len(data)

    def get(self, given: Any) -> bytes:
        """Read a file whole."""
        path = self.need(given)
        if self.followed(given) == "directory":
            raise fail(errno.EISDIR, given)
        if self.kind(path) == "file" and not self.modes.wanted(self.fs, path) & 0o400:
            raise fail(errno.EACCES, given)
        return bytes(self.fs.read_file(path))


def make_disk(ctx: BuiltinContext, modes: Modes) -> Any:
    """Return Monty's handler of file operations over a running command's file system."""
    return _disk_class()(Files(ctx, modes))


@cache
def _disk_class() -> Any:
    """Return the handler's class: one for all, since Monty remembers every class that it meets."""
    from pydantic_monty import AbstractOS, MontyFileHandle, StatResult

    class Disk(AbstractOS):  # type: ignore[misc,unused-ignore]
        def __init__(self, files: Files) -> None:
            self.files = files

        def path_exists(self, path: Any) -> bool:
            return self.files.followed(path) is not None

        def path_is_file(self, path: Any) -> bool:
            return self.files.followed(path) == "file"

        def path_is_dir(self, path: Any) -> bool:
            return self.files.followed(path) == "directory"

        def path_is_symlink(self, path: Any) -> bool:
            return self.files.kind(path) == "symlink"

        def path_open(self, path: Any, mode: str) -> Any:
            handle = MontyFileHandle(str(path), mode)
            if handle.mode[0] == "r":
                self.files.get(path)
            elif handle.mode[0] == "w" or self.files.kind(path) is None:
                self.files.put(path, b"")
            return handle

        def path_read_text(self, path: Any) -> str:
            return self.files.get(path).decode("utf-8", "replace")

        def path_read_bytes(self, path: Any) -> bytes:
            return self.files.get(path)

        def path_write_text(self, path: Any, data: str) -> int:
            return self.files.put(path, data.encode())

        def path_write_bytes(self, path: Any, data: bytes) -> int:
            return self.files.put(path, data)

        def path_append_text(self, path: Any, data: str) -> int:
            return self.files.put(path, (self.files.get(path) if self.files.kind(path) else b"") + data.encode())

        def path_append_bytes(self, path: Any, data: bytes) -> int:
            return self.files.put(path, (self.files.get(path) if self.files.kind(path) else b"") + data)

        def path_mkdir(self, path: Any, parents: bool, exist_ok: bool) -> None:
            if self.files.kind(path) is not None:
                if exist_ok and self.files.followed(path) == "directory":
                    return
                raise fail(errno.EEXIST, path)
            if not parents and not self.files.fs.exists(posixpath.dirname(self.files.where(path))):
                raise fail(errno.ENOENT, path)
            self.files.fs.mkdir(self.files.change(path), recursive=parents)

        def path_unlink(self, path: Any) -> None:
            if self.files.kind(self.files.need(path)) == "directory":
                raise fail(errno.EISDIR, path)
            self.files.fs.remove(self.files.change(path))

        def path_rmdir(self, path: Any) -> None:
            if self.files.kind(self.files.need(path)) != "directory":
                raise fail(errno.ENOTDIR, path)
            if self.files.fs.read_dir(self.files.where(path)):
                raise fail(errno.ENOTEMPTY, path)
            self.files.fs.remove(self.files.change(path))

        def path_iterdir(self, path: Any) -> list[PurePosixPath]:
            if self.files.followed(self.files.need(path)) != "directory":
                raise fail(errno.ENOTDIR, path)
            return [PurePosixPath(str(path), e["name"]) for e in self.files.fs.read_dir(self.files.where(path))]

        def path_stat(self, path: Any) -> Any:
            info = self.files.fs.stat(self.files.need(path))
            if info["file_type"] == "directory":
                return StatResult.dir_stat(int(info["mode"]) & 0o7777)
            return StatResult.file_stat(
                int(info["size"]), self.files.modes.wanted(self.files.fs, self.files.where(path))
            )

        def path_rename(self, path: Any, target: Any) -> None:
            old, new = self.files.change(self.files.need(path)), self.files.change(target)
            if self.files.kind(posixpath.dirname(new)) != "directory":
                raise fail(errno.ENOENT, path)
            if self.files.followed(new) == "directory":
                raise fail(errno.EISDIR, target)
            mode = self.files.modes.wanted(self.files.fs, old) if self.files.kind(old) == "file" else None
            if self.files.kind(new) is not None:
                self.files.fs.remove(new)
            self.files.fs.rename(old, new)
            self.files.modes.moved(old, new, mode)

        def path_resolve(self, path: Any) -> str:
            found = self.files.where(path)
            if self.files.kind(found) == "symlink":
                found = posixpath.normpath(
                    posixpath.join(posixpath.dirname(found), str(self.files.fs.read_link(found)))
                )
            return found

        def path_absolute(self, path: Any) -> str:
            return self.files.where(path)

        def getenv(self, key: str, default: str | None = None) -> str | None:
            return self.get_environ().get(key, default)

        def get_environ(self) -> dict[str, str]:
            return {"HOME": "/home/agent", "USER": "agent", **dict(self.files.ctx.env)}

    return Disk
