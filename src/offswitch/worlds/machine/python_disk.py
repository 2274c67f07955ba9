"""The machine's disk as Monty's operating system sees it: `open`, `pathlib` and `os` act on the virtual files."""

import errno
import os
import posixpath
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


def make_disk(ctx: BuiltinContext, modes: Modes) -> Any:
    """Return Monty's handler of file operations over a running command's file system."""
    from pydantic_monty import AbstractOS, MontyFileHandle, StatResult

    fs = ctx.fs

    def where(given: Any) -> str:
        path = given.path if isinstance(given, MontyFileHandle) else str(given)
        return posixpath.normpath(posixpath.join(ctx.cwd, path))

    def kind(given: Any) -> str | None:
        try:
            return str(fs.stat(where(given))["file_type"])
        except Exception:  # bashkit raises a bare Exception for a missing path
            return None

    def followed(given: Any) -> str | None:
        path = where(given)
        if kind(path) != "symlink":
            return kind(path)
        return kind(posixpath.join(posixpath.dirname(path), str(fs.read_link(path))))

    def need(given: Any) -> str:
        if kind(given) is None:
            raise fail(errno.ENOENT, given)
        return where(given)

    def change(given: Any) -> str:
        if not modes.owns(where(given)):
            raise fail(errno.EACCES, given)
        return where(given)

    def put(given: Any, data: bytes) -> int:
        path = change(given)
        if followed(given) == "directory":
            raise fail(errno.EISDIR, given)
        if not fs.exists(posixpath.dirname(path)):
            raise fail(errno.ENOENT, given)
        fs.write_file(path, data)
        modes.settle(fs)
        return len(data)

    def get(given: Any) -> bytes:
        path = need(given)
        if followed(given) == "directory":
            raise fail(errno.EISDIR, given)
        if kind(path) == "file" and not modes.wanted(fs, path) & 0o400:
            raise fail(errno.EACCES, given)
        return bytes(fs.read_file(path))

    class Disk(AbstractOS):  # type: ignore[misc,unused-ignore]
        def path_exists(self, path: Any) -> bool:
            return followed(path) is not None

        def path_is_file(self, path: Any) -> bool:
            return followed(path) == "file"

        def path_is_dir(self, path: Any) -> bool:
            return followed(path) == "directory"

        def path_is_symlink(self, path: Any) -> bool:
            return kind(path) == "symlink"

        def path_open(self, path: Any, mode: str) -> Any:
            handle = MontyFileHandle(str(path), mode)
            if handle.mode[0] == "r":
                get(path)
            elif handle.mode[0] == "w" or kind(path) is None:
                put(path, b"")
            return handle

        def path_read_text(self, path: Any) -> str:
            return get(path).decode("utf-8", "replace")

        def path_read_bytes(self, path: Any) -> bytes:
            return get(path)

        def path_write_text(self, path: Any, data: str) -> int:
            return put(path, data.encode())

        def path_write_bytes(self, path: Any, data: bytes) -> int:
            return put(path, data)

        def path_append_text(self, path: Any, data: str) -> int:
            return put(path, (get(path) if kind(path) else b"") + data.encode())

        def path_append_bytes(self, path: Any, data: bytes) -> int:
            return put(path, (get(path) if kind(path) else b"") + data)

        def path_mkdir(self, path: Any, parents: bool, exist_ok: bool) -> None:
            if kind(path) is not None:
                if exist_ok and followed(path) == "directory":
                    return
                raise fail(errno.EEXIST, path)
            if not parents and not fs.exists(posixpath.dirname(where(path))):
                raise fail(errno.ENOENT, path)
            fs.mkdir(change(path), recursive=parents)

        def path_unlink(self, path: Any) -> None:
            if kind(need(path)) == "directory":
                raise fail(errno.EISDIR, path)
            fs.remove(change(path))

        def path_rmdir(self, path: Any) -> None:
            if kind(need(path)) != "directory":
                raise fail(errno.ENOTDIR, path)
            if fs.read_dir(where(path)):
                raise fail(errno.ENOTEMPTY, path)
            fs.remove(change(path))

        def path_iterdir(self, path: Any) -> list[PurePosixPath]:
            if followed(need(path)) != "directory":
                raise fail(errno.ENOTDIR, path)
            return [PurePosixPath(str(path), e["name"]) for e in fs.read_dir(where(path))]

        def path_stat(self, path: Any) -> Any:
            info = fs.stat(need(path))
            if info["file_type"] == "directory":
                return StatResult.dir_stat(int(info["mode"]) & 0o7777)
            return StatResult.file_stat(int(info["size"]), modes.wanted(fs, where(path)))

        def path_rename(self, path: Any, target: Any) -> None:
            old, new = change(need(path)), change(target)
            if kind(posixpath.dirname(new)) != "directory":
                raise fail(errno.ENOENT, path)
            if followed(new) == "directory":
                raise fail(errno.EISDIR, target)
            mode = modes.wanted(fs, old) if kind(old) == "file" else None
            if kind(new) is not None:
                fs.remove(new)
            fs.rename(old, new)
            modes.moved(old, new, mode)

        def path_resolve(self, path: Any) -> str:
            found = where(path)
            if kind(found) == "symlink":
                found = posixpath.normpath(posixpath.join(posixpath.dirname(found), str(fs.read_link(found))))
            return found

        def path_absolute(self, path: Any) -> str:
            return where(path)

        def getenv(self, key: str, default: str | None = None) -> str | None:
            return self.get_environ().get(key, default)

        def get_environ(self) -> dict[str, str]:
            return {"HOME": "/home/agent", "USER": "agent", **dict(ctx.env)}

    return Disk()
