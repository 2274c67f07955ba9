"""What a Python script does to files on the machine's disk."""

import posixpath
from typing import Any

from offswitch.worlds.machine.python_running import Running


class Acts(Running):
    """What `os`, `shutil` and `pathlib` do to files."""

    def chmod(self, path: Any, mode: int, **_: Any) -> None:
        """`os.chmod`."""
        self._files.do(self._disk.chmod, path, int(mode))

    def access(self, path: Any, mode: int = 0) -> bool:
        """`os.access`."""
        return self._disk.may(self._files.where(path), int(mode))

    def symlink(self, to: Any, path: Any, *_: Any, **__: Any) -> None:
        """`os.symlink`."""
        self._files.do(lambda at: self._disk.symlink(str(to), at), path)

    def link(self, old: Any, new: Any, **_: Any) -> None:
        """`os.link`."""
        self._files.do(self._disk.link, old, self._files.where(new))

    def readlink(self, path: Any) -> str:
        """`os.readlink`."""
        return self._files.do(self._disk.read_link, path)

    def truncate(self, path: Any, size: int = 0) -> None:
        """`os.truncate`."""
        data = self._files.do(self._disk.read_file, path)
        self._files.do(self._disk.write_file, path, data[: int(size)].ljust(int(size), b"\0"))

    def touch(self, path: Any, *_: Any, **__: Any) -> None:
        """`Path.touch`."""
        self._do("touch", self._files.where(path))

    def copy(self, source: Any, dest: Any, **_: Any) -> str:
        """`shutil.copy`."""
        self._do("cp", self._files.where(source), self._files.where(dest))
        return self._landed(source, dest)

    def copy_whole(self, source: Any, dest: Any, **_: Any) -> str:
        """`shutil.copy2`: with mode and time."""
        self._do("cp", "-p", self._files.where(source), self._files.where(dest))
        return self._landed(source, dest)

    def copy_content(self, source: Any, dest: Any, **_: Any) -> str:
        """`shutil.copyfile`."""
        data = self._files.do(self._disk.read_file, source)
        self._files.do(self._disk.write_file, dest, data)
        return str(dest)

    def move(self, source: Any, dest: Any, **_: Any) -> str:
        """`shutil.move`."""
        landed = self._landed(source, dest)
        self._do("mv", self._files.where(source), self._files.where(dest))
        return landed

    def _landed(self, source: Any, dest: Any) -> str:
        """Return the name of what was copied or moved: in a folder, the old one."""
        inside = self._files.kind(dest) == "directory"
        return posixpath.join(str(dest), posixpath.basename(str(source).rstrip("/"))) if inside else str(dest)

    def rmtree(self, path: Any, ignore_errors: bool = False, *_: Any, **__: Any) -> None:
        """`shutil.rmtree`."""
        try:
            self._do("rm", "-r", self._files.where(path))
        except OSError:
            if not ignore_errors:
                raise

    def copytree(self, source: Any, dest: Any, **_: Any) -> str:
        """`shutil.copytree`."""
        self._do("cp", "-r", self._files.where(source), self._files.where(dest))
        return str(dest)

    def copymode(self, source: Any, dest: Any, **_: Any) -> None:
        """`shutil.copymode`."""
        self.chmod(dest, self.stat(source)[0] & 0o7777)

    def utime(self, path: Any, times: Any = None, **_: Any) -> None:
        """`os.utime`."""
        when = ["-d", f"@{times[1]}"] if times else []
        self._do("touch", *when, self._files.where(path))

    def umask(self, mask: int) -> int:
        """`os.umask`; return the old one."""
        old, self._disk.umask = self._disk.umask, int(mask) & 0o777
        return old

    def stat(self, path: Any, follow: bool = True) -> tuple[int, int, int, int, int, float]:
        """Return (mode, inode, links, uid, size, time of the last change)."""
        info = self._files.do(self._disk.node, path, follow).info()
        kind = {"directory": 0o040000, "symlink": 0o120000}.get(info.kind, 0o100000)
        return (
            kind | info.mode,
            info.number,
            info.links,
            1000 if info.owner == "agent" else 0,
            info.size,
            float(info.modified),
        )
