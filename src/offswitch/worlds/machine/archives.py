"""`tar`, `gzip`, `gunzip` and `zcat`, with the modes of what is packed: bashkit's own forget them.

What goes to standard output is not compressed, for output is text here; what is read is unpacked by what it holds.
"""

import io
import posixpath
import tarfile
import zlib
from collections.abc import Iterator
from fnmatch import fnmatch

from offswitch.worlds.machine.call import Call, Result, short, unknown
from offswitch.worlds.machine.disk import Disk

_MOST = 16 * 1024 * 1024
_TAR = {"--create": "c", "--extract": "x", "--get": "x", "--list": "t", "--append": "r", "--file": "f", "--directory": "C", "--verbose": "v",
        "--gzip": "z", "--gunzip": "z", "--preserve-permissions": "p", "--same-permissions": "p", "--remove-files": "R", "--exclude": "X",
        "--auto-compress": "a", "--keep-old-files": "k", "--to-stdout": "O", "--overwrite": "o", "--absolute-names": "P", "-j": "j",
        "-J": "J", "--bzip2": "j", "--xz": "J", "--no-same-owner": "o", "--numeric-owner": "o", "--dereference": "h",
        "--no-recursion": "n", "--one-file-system": "o", "--transform": "s", "--strip-components": "S", "-m": "m"}  # fmt: skip
_GZIP = {"--decompress": "d", "--uncompress": "d", "--stdout": "c", "--to-stdout": "c", "--keep": "k", "--force": "f", "--list": "l", "--test": "t",
         "--verbose": "v", "--quiet": "q", "--no-name": "n", "--recursive": "r", **{f"-{i}": str(i) for i in range(1, 10)}}  # fmt: skip


def tar(call: Call) -> Result:
    """`tar c|x|t[zvpf] [-f FILE] [-C DIR] [--remove-files] [--exclude=GLOB] [NAME...]`."""
    argv = [f"-{call.argv[0]}", *call.argv[1:]] if call.argv and not call.argv[0].startswith("-") else list(call.argv)
    if not call.argv or not argv[0].startswith("--"):
        argv = _old_style(argv) if call.argv and not call.argv[0].startswith("-") else argv
    skipped = [a.partition("=")[2] for a in argv if a.startswith("--exclude=")]
    flags, names = short([a for a in argv if not a.startswith("--exclude=")], _TAR, "fCXsS")
    if "?" in flags:
        return unknown("tar", flags["?"], 64)
    packing = _Packing(call, flags, [*skipped, *([flags["X"]] if "X" in flags else [])])
    try:
        if "c" in flags:
            packing.create(names)
        elif "x" in flags or "t" in flags:
            packing.read(names)
        else:
            return "", "tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\n", 2
    except tarfile.TarError:
        return packing.out, f"{packing.err}tar: This does not look like a tar archive\ntar: Exiting with failure status due to previous errors\n", 2
    except OSError as failure:
        return packing.out, f"{packing.err}tar: {failure.filename}: Cannot open: {failure.strerror}\ntar: Error is not recoverable: exiting now\n", 2
    if packing.err:
        packing.err += "tar: Exiting with failure status due to previous errors\n"
    return packing.out, packing.err, 2 if packing.err else 0


def _old_style(argv: list[str]) -> list[str]:
    """`tar cfC FILE DIR`: the letters first, their values in order."""
    letters, rest, out = argv[0][1:], argv[1:], list[str]()
    for letter in letters:
        out += [f"-{letter}"] + ([rest.pop(0)] if letter in "fCX" and rest else [])
    return out + rest


class _Packing:
    """One run of tar."""

    def __init__(self, call: Call, flags: dict[str, str], skipped: list[str]) -> None:
        self._call, self._disk, self._flags, self._skipped = call, call.disk, flags, skipped
        self._where = posixpath.join(call.cwd, flags.get("C", ""))
        self._file = flags.get("f", "-")
        self.out, self.err = "", ""

    def create(self, names: list[str]) -> None:
        """Pack names, and with --remove-files take them away."""
        if not names:
            self.err += "tar: Cowardly refusing to create an empty archive\n"
            return
        if self._file != "-":  # made first, as tar does: it may be refused
            self._disk.write_file(self._call.at(self._file), b"")
        held = io.BytesIO()
        packed: list[str] = []
        with tarfile.open(fileobj=held, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for name in names:
                packed += self._add(archive, name, posixpath.join(self._where, name))
        data = held.getvalue()
        if self._file == "-":
            self.out = data.decode("utf-8", "replace")
        else:
            zipped = "z" in self._flags or ("a" in self._flags and self._file.endswith((".gz", ".tgz")))
            self._disk.write_file(self._call.at(self._file), _compressed(data) if zipped else data)
        for path in reversed(packed if "R" in self._flags else []):
            try:
                self._disk.remove(path)
            except OSError as failure:
                self.err += f"tar: {path}: Cannot unlink: {failure.strerror}\n"

    def _add(self, archive: tarfile.TarFile, name: str, path: str) -> Iterator[str]:
        if any(fnmatch(name, s) or fnmatch(posixpath.basename(name), s) for s in self._skipped):
            return
        try:
            info = self._disk.stat(path.rstrip("/"))
            data = self._disk.read_file(path) if info.kind == "file" else b""
        except OSError as failure:
            verb = "stat" if failure.errno == 2 else "open"
            self.err += f"tar: {name}: Cannot {verb}: {failure.strerror}\n"
            return
        if path == self._call.at(self._file):
            self.err += f"tar: {name}: file is the archive; not dumped\n" if False else ""
            return
        if name.startswith("/") and "P" not in self._flags and "leading" not in self.err:
            self.err += ""
        member = tarfile.TarInfo(name.rstrip("/") if "P" in self._flags else name.lstrip("/").rstrip("/") or ".")
        member.mode, member.mtime, member.uname, member.gname, member.uid, member.gid = info.mode, int(info.modified), "agent", "agent", 1000, 1000
        if info.kind == "directory":
            member.type = tarfile.DIRTYPE
        elif info.kind == "symlink":
            member.type, member.linkname = tarfile.SYMTYPE, self._disk.read_link(path)
        else:
            member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
        self._say(member)
        yield path
        if info.kind == "directory":
            for inner in sorted(held for held, _ in self._disk.read_dir(path)):
                yield from self._add(archive, f"{name.rstrip('/')}/{inner}", f"{path.rstrip('/')}/{inner}")

    def read(self, names: list[str]) -> None:
        """List members, or take them out."""
        raw = (self._call.stdin or "").encode() if self._file == "-" else self._disk.read_file(self._call.at(self._file))
        missing = dict.fromkeys(n.rstrip("/") for n in names)
        with tarfile.open(fileobj=io.BytesIO(_plain(raw)), mode="r:") as archive:
            for member in archive:
                wanted = [n for n in missing if member.name == n or member.name.startswith(f"{n}/")]
                if names and not wanted:
                    if not any(member.name == n.rstrip("/") or member.name.startswith(n.rstrip("/") + "/") for n in names):
                        continue
                if any(fnmatch(member.name, s) or fnmatch(posixpath.basename(member.name), s) for s in self._skipped):
                    continue
                for name in [n for n in wanted if member.name == n]:
                    missing.pop(name, None)
                self._say(member)
                if "x" in self._flags:
                    self._take_out(archive, member)
        self.err += "".join(f"tar: {n}: Not found in archive\n" for n in missing if not self._has_inner(n, raw))

    def _has_inner(self, name: str, raw: bytes) -> bool:
        with tarfile.open(fileobj=io.BytesIO(_plain(raw)), mode="r:") as archive:
            return any(m.name.startswith(f"{name}/") for m in archive)

    def _take_out(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        parts = [p for p in member.name.split("/") if p not in ("", ".")]
        strip = self._flags.get("S", "0")
        parts = parts[int(strip) if strip.isdigit() else 0 :]
        if ".." in parts or (not parts and member.name not in (".", "./")):
            return
        path = posixpath.join(self._where, *parts)
        read = archive.extractfile(member) if member.isfile() else None
        data = read.read() if read is not None else b""
        if "O" in self._flags:
            self.out += data.decode("utf-8", "replace")
            return
        try:
            self._put(path, member, data)
        except OSError as failure:
            self.err += f"tar: {member.name}: Cannot open: {failure.strerror}\n"

    def _put(self, path: str, member: tarfile.TarInfo, data: bytes) -> None:
        disk = self._disk
        mode = member.mode & 0o777 if "p" in self._flags else member.mode & 0o777 & ~disk.umask
        if member.isdir():
            disk.mkdir(path, recursive=True)
        else:
            if not disk.exists(posixpath.dirname(path)):
                disk.mkdir(posixpath.dirname(path), recursive=True)
            _make_way(disk, path, "k" in self._flags)
            if member.issym():
                disk.symlink(member.linkname, path)
                return
            disk.write_file(path, data)
        disk.chmod(path, mode)
        if "m" not in self._flags and not member.isdir():
            disk.touch(path, float(member.mtime))

    def _say(self, member: tarfile.TarInfo) -> None:
        shown = member.name + "/" * (member.isdir() and not member.name.endswith("/"))
        if "t" in self._flags and "v" in self._flags:
            import time

            when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(member.mtime))
            kind = "d" if member.isdir() else "l" if member.issym() else "-"
            rights = "".join(c if member.mode >> (8 - i) & 1 else "-" for i, c in enumerate("rwxrwxrwx"))
            to = f" -> {member.linkname}" if member.issym() else ""
            self.out += f"{kind}{rights} agent/agent {member.size:>9} {when} {shown}{to}\n"
        elif "t" in self._flags or "v" in self._flags:
            if self._file == "-" and "c" in self._flags:
                self.err += ""
            else:
                self.out += f"{shown}\n"


def _make_way(disk: Disk, path: str, keep: bool) -> None:
    try:
        disk.stat(path)
    except OSError:
        return
    if keep:
        raise FileExistsError(17, "File exists", path)
    disk.remove(path)


def gzip(call: Call) -> Result:
    """`gzip [-cdfk1-9] [FILE...]`, `gunzip` and `zcat`."""
    flags, names = short(call.argv, _GZIP)
    if "?" in flags:
        return unknown(call.name, flags["?"])
    back = call.name in ("gunzip", "zcat") or "d" in flags
    if not names or names == ["-"]:
        return call.stdin or "", "", 0
    out, err = "", ""
    for name in names:
        try:
            out += _zipped(call, name, back, flags)
        except OSError as failure:
            err += f"{call.name if call.name != 'zcat' else 'gzip'}: {name}: {failure.strerror}\n"
    return out, err, 1 if err else 0


def _zipped(call: Call, name: str, back: bool, flags: dict[str, str]) -> str:
    """Pack or unpack one file; return what goes to standard output."""
    path, disk = call.at(name), call.disk
    if back and not disk.exists(path) and disk.exists(f"{path}.gz"):
        path += ".gz"
    node = disk.node(path)
    if node.kind == "directory":
        raise OSError(21, "is a directory -- ignored", path)
    data = disk.read_file(path)
    if "t" in flags or "l" in flags:
        return "" if "t" in flags else f"{len(data):>19} {len(_plain(data)):>19}  0.0% {path.removesuffix('.gz')}\n"
    if back and not data.startswith(b"\x1f\x8b") and not path.endswith(".gz"):
        raise OSError(22, "not in gzip format" if "c" in flags or call.name == "zcat" else "unknown suffix -- ignored", path)
    if "c" in flags or call.name == "zcat":
        return (_plain(data) if back else data).decode("utf-8", "replace")
    new = path.removesuffix(".gz") if back else f"{path}.gz"
    if disk.exists(new) and "f" not in flags:
        raise OSError(17, "already exists;\tnot overwritten", new)
    disk.write_file(new, _plain(data) if back else _compressed(data))
    disk.chmod(new, node.mode)
    disk.touch(new, node.modified)
    if "k" not in flags:
        disk.remove(path)
    return ""


def _compressed(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data) + packer.flush()


def _plain(data: bytes) -> bytes:
    """Unpack, as much as there is room for."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return zlib.decompressobj(wbits=31).decompress(data, _MOST)
    except zlib.error:
        raise OSError(22, "invalid compressed data--format violated", "") from None
