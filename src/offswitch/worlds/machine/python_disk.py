"""The machine's disk as Monty's operating system sees it: `open`, `pathlib` and `os` act on the virtual files."""

import errno
import posixpath
from collections.abc import Callable
from functools import cache
from pathlib import PurePosixPath
from typing import Any, TypeVar

from offswitch.worlds.machine.call import Call
from offswitch.worlds.machine.lookup import fail

_T = TypeVar("_T")


class Files:
    """Operations on the machine's files with Python's errors; `given` is a path or an open file of Monty's."""

    def __init__(self, call: Call, source: str = "") -> None:
        """`source` is the script: Monty hands every path over whole, and errors name it as the script did."""
        self.call, self.disk = call, call.disk
        self._cut = "" if call.cwd in source else call.cwd.rstrip("/") + "/"

    def where(self, given: Any) -> str:
        """The absolute path."""
        return self.call.at(str(getattr(given, "path", given)))

    def do(self, act: Callable[..., _T], given: Any, *more: Any) -> _T:
        """Do something with a path; an error names it as it was given."""
        try:
            return act(self.where(given), *more)
        except OSError as failure:
            raise self.error(failure.errno or errno.EIO, given) from None

    def error(self, number: int, given: Any) -> OSError:
        """Return Python's error about a path, named as it was given."""
        return fail(number, str(getattr(given, "path", given)).removeprefix(self._cut))

    def kind(self, given: Any, follow: bool = True) -> str | None:
        """What stands there; None for nothing."""
        try:
            return self.disk.node(self.where(given), follow).kind
        except OSError:
            return None


def make_disk(files: Files) -> Any:
    """Return Monty's handler of file operations over the machine's disk."""
    return _disk_class()(files)


@cache
def _disk_class() -> Any:
    """Return the handler's class: one for all, since Monty remembers every class that it meets."""
    from pydantic_monty import AbstractOS, MontyFileHandle, StatResult

    class Disk(AbstractOS):  # type: ignore[misc,unused-ignore]
        def __init__(self, files: Files) -> None:
            self.files = files

        def path_exists(self, path: Any) -> bool:
            return self.files.kind(path) is not None

        def path_is_file(self, path: Any) -> bool:
            return self.files.kind(path) == "file"

        def path_is_dir(self, path: Any) -> bool:
            return self.files.kind(path) == "directory"

        def path_is_symlink(self, path: Any) -> bool:
            return self.files.kind(path, follow=False) == "symlink"

        def path_open(self, path: Any, mode: str) -> Any:
            handle = MontyFileHandle(str(path), mode)
            if handle.mode[0] == "r":
                self.path_read_bytes(path)
            elif handle.mode[0] == "w":
                self.path_write_bytes(path, b"")
            else:
                self.path_append_bytes(path, b"")
            return handle

        def path_read_text(self, path: Any) -> str:
            return self.path_read_bytes(path).decode("utf-8", "replace")

        def path_read_bytes(self, path: Any) -> bytes:
            return self.files.do(self.files.disk.read_file, path)

        def path_write_text(self, path: Any, data: str) -> int:
            return self.path_write_bytes(path, data.encode())

        def path_write_bytes(self, path: Any, data: bytes) -> int:
            self.files.do(self.files.disk.write_file, path, data)
            return len(data)

        def path_append_text(self, path: Any, data: str) -> int:
            return self.path_append_bytes(path, data.encode())

        def path_append_bytes(self, path: Any, data: bytes) -> int:
            self.files.do(self.files.disk.append_file, path, data)
            return len(data)

        def path_mkdir(self, path: Any, parents: bool, exist_ok: bool) -> None:
            if exist_ok and self.files.kind(path) == "directory":
                return
            if self.files.kind(path, follow=False) is not None:
                raise self.files.error(errno.EEXIST, path)
            self.files.do(self.files.disk.mkdir, path, parents)

        def path_unlink(self, path: Any) -> None:
            if self.files.kind(path, follow=False) == "directory":
                raise self.files.error(errno.EISDIR, path)
            self.files.do(self.files.disk.remove, path)

        def path_rmdir(self, path: Any) -> None:
            if self.files.kind(path, follow=False) not in ("directory", None):
                raise self.files.error(errno.ENOTDIR, path)
            self.files.do(self.files.disk.remove, path)

        def path_iterdir(self, path: Any) -> list[PurePosixPath]:
            return [PurePosixPath(str(path), name) for name, _ in self.files.do(self.files.disk.read_dir, path)]

        def path_stat(self, path: Any) -> Any:
            info = self.files.do(self.files.disk.node, path).info()
            if info.kind == "directory":
                return StatResult.dir_stat(info.mode)
            return StatResult.file_stat(info.size, info.mode)

        def path_rename(self, path: Any, target: Any) -> None:
            self.files.do(self.files.disk.rename, path, self.files.where(target))

        def path_resolve(self, path: Any) -> Any:
            found = self.files.where(path)
            if self.files.kind(found, follow=False) == "symlink":
                found = posixpath.join(posixpath.dirname(found), self.files.disk.read_link(found))
            return PurePosixPath(posixpath.normpath(found))

        def path_absolute(self, path: Any) -> Any:
            return PurePosixPath(self.files.where(path))

        def getenv(self, key: str, default: str | None = None) -> str | None:
            return self.get_environ().get(key, default)

        def get_environ(self) -> dict[str, str]:
            return {"HOME": "/home/agent", "USER": "agent", **dict(self.files.call.env)}

    return Disk
