"""`cp`, on a disk that keeps modes, links and what may not be read."""

import posixpath

from offswitch.worlds.machine.call import Call, Result, short, unknown
from offswitch.worlds.machine.destinations import agreed, targets, there
from offswitch.worlds.machine.disk import Disk

_CP = {"--archive": "a", "--recursive": "r", "--force": "f", "--interactive": "i", "--no-clobber": "n", "--verbose": "v", "--preserve": "p",
       "--target-directory": "t", "--no-target-directory": "T", "--dereference": "L", "--no-dereference": "P", "--update": "u",
       "--link": "l", "--symbolic-link": "s", "-R": "R", "-d": "d", "-H": "H", "-x": "x", "--backup": "b"}  # fmt: skip


def cp(call: Call, copies: set[str]) -> Result:
    """`cp [-rRapdfnvlsT] [-t DIR] SOURCE... DEST`; `copies` collects what it made."""
    flags, names = short(["-n" if a.startswith("--update=none") else a for a in call.argv], _CP, "t")
    if "?" in flags:
        return unknown("cp", flags["?"])
    pairs, problem = targets(call, "cp", flags, names)
    if problem:
        return "", problem, 1
    pairs, asked = agreed(call, "cp", flags, pairs)
    copying = _Copying(call.disk, flags)
    for source, dest in pairs:
        copying.one(source, call.at(source), dest, call.at(dest))
        copies.add(posixpath.normpath(call.at(dest)))
    return copying.out, asked + copying.err, 1 if copying.err else 0


class _Copying:
    """One run of cp: what it said and what went wrong."""

    def __init__(self, disk: Disk, flags: dict[str, str]) -> None:
        self._disk, self._flags, self.out, self.err = disk, set(flags), "", ""

    def one(self, source: str, old: str, dest: str, new: str) -> None:
        """Copy what stands at `old`; `source` and `dest` are the names as given."""
        disk, flags = self._disk, self._flags
        try:
            info = disk.stat(old) if flags & {"a", "d", "P"} else disk.node(old).info()
        except OSError as failure:
            self.err += f"cp: cannot stat '{source}': {failure.strerror}\n"
            return
        if info.kind == "directory" and not flags & {"r", "R", "a"}:
            self.err += f"cp: -r not specified; omitting directory '{source}'\n"
        elif "n" in flags and there(disk, new):
            return
        elif there(disk, new) and info.kind != "directory" and disk.exists(new) and disk.node(new) is disk.node(old):
            self.err += f"cp: '{source}' and '{dest}' are the same file\n"
        elif info.kind == "directory":
            self._tree(source, old, dest, new, info.mode)
        else:
            self._file(source, old, dest, new, info.kind == "symlink")

    def _tree(self, source: str, old: str, dest: str, new: str, mode: int) -> None:
        disk, made = self._disk, False
        try:
            if not disk.exists(new):
                disk.mkdir(new)
                made = True
            self._say(source, dest, made)
        except OSError as failure:
            self.err += f"cp: cannot create directory '{dest}': {failure.strerror}\n"
            return
        try:
            names = sorted(name for name, _ in disk.read_dir(old))
        except OSError as failure:
            names = []
            self.err += f"cp: cannot access '{source}': {failure.strerror}\n"
        for name in names:
            self.one(f"{source}/{name}", f"{old}/{name}", f"{dest}/{name}", f"{new}/{name}")
        if made:
            disk.chmod(new, mode)

    def _file(self, source: str, old: str, dest: str, new: str, soft: bool) -> None:
        disk, is_new = self._disk, not there(self._disk, new)
        try:
            data = b"" if soft else disk.read_file(old)
        except OSError as failure:
            self.err += f"cp: cannot open '{source}' for reading: {failure.strerror}\n"
            return
        try:
            self._make(old, new, data, soft, is_new)
        except OSError as failure:
            self.err += f"cp: cannot create regular file '{dest}': {failure.strerror}\n"
            return
        self._say(source, dest)

    def _make(self, old: str, new: str, data: bytes, soft: bool, is_new: bool) -> None:
        disk, flags = self._disk, self._flags
        if soft or "s" in flags:
            disk.symlink(disk.read_link(old) if soft else old, new)
        elif "l" in flags:
            disk.link(old, new)
        else:
            if "f" in flags and not is_new and not disk.may(new, 2):
                disk.remove(new)
                is_new = True
            disk.write_file(new, data)
            info = disk.node(old).info()
            if flags & {"a", "p"}:
                disk.chmod(new, info.mode)
                disk.touch(new, info.modified)
            elif is_new:
                disk.chmod(new, info.mode & ~disk.umask)

    def _say(self, source: str, dest: str, wanted: bool = True) -> None:
        if wanted and "v" in self._flags:
            self.out += f"'{source}' -> '{dest}'\n"
