"""`tar`, with the modes, times and links of what is packed: bashkit's own forgets them.

An archive that goes to standard output is not compressed, for output is text here.
"""

import io
import posixpath
import tarfile
import time
from collections.abc import Iterator
from fnmatch import fnmatch

from offswitch.worlds.machine.call import Call, Result, short, unknown
from offswitch.worlds.machine.compression import compressed, plain
from offswitch.worlds.machine.modes import letters

_FLAGS = {"--create": "c", "--extract": "x", "--get": "x", "--list": "t", "--file": "f", "--directory": "C", "--verbose": "v", "--gzip": "z",
          "--gunzip": "z", "--preserve-permissions": "p", "--same-permissions": "p", "--remove-files": "R", "--exclude": "X",
          "--auto-compress": "a", "--keep-old-files": "k", "--to-stdout": "O", "--overwrite": "o", "--absolute-names": "P", "-j": "j",
          "-J": "J", "--no-same-owner": "o", "--touch": "m", "--strip-components": "S"}  # fmt: skip
_NO_ACTION = "tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\n"
_NO_ARCHIVE = "tar: This does not look like a tar archive\ntar: Exiting with failure status due to previous errors\n"


def tar(call: Call) -> Result:
    """`tar c|x|t [-zvpkOm] [-f FILE] [-C DIR] [--remove-files] [--exclude=GLOB] [--strip-components=N] [NAME...]`."""
    argv = call.argv if call.argv[:1] and call.argv[0].startswith("-") else _old_style(call.argv)
    skipped = [a.partition("=")[2] for a in argv if a.startswith("--exclude=")]
    flags, names = short([a for a in argv if not a.startswith("--exclude=")], _FLAGS, "fCXS")
    if "?" in flags:
        return unknown("tar", flags["?"], 64)
    skipped += [flags["X"]] if "X" in flags else []
    if not flags.keys() & {"c", "x", "t"}:
        return "", _NO_ACTION, 2
    run = (_Packing if "c" in flags else _Unpacking)(call, flags, skipped)
    try:
        run.go(names)
    except tarfile.TarError:
        return run.out, run.noted + run.err + _NO_ARCHIVE, 2
    except OSError as failure:
        why = (
            f"tar: {flags.get('f', '-')}: Cannot open: {failure.strerror}\ntar: Error is not recoverable: exiting now\n"
        )
        return run.out, run.noted + run.err + why, 2
    return run.out, run.noted + run.err + (run.ends if run.err else ""), 2 if run.err else 0


def _old_style(argv: list[str]) -> list[str]:
    """`tar cfC FILE DIR`: the letters first, their values in order."""
    rest, out = argv[1:], list[str]()
    for letter in "".join(argv[:1]):
        out += [f"-{letter}", *([rest.pop(0)] if letter in "fCX" and rest else [])]
    return out + rest


class _Run:
    """One run of tar: what it printed, what it noted, and what went wrong."""

    def __init__(self, call: Call, flags: dict[str, str], skipped: list[str]) -> None:
        self.call, self.disk, self.flags, self._skipped = call, call.disk, flags, skipped
        self.where, self.file = posixpath.join(call.cwd, flags.get("C", "")), flags.get("f", "-")
        self.out = self.noted = self.err = ""
        self.ends = "tar: Exiting with failure status due to previous errors\n"

    def go(self, names: list[str]) -> None:
        """Do it. Raises OSError or TarError where the archive cannot be used at all."""
        raise NotImplementedError

    def passed_over(self, name: str) -> bool:
        """Whether `--exclude` names it."""
        return any(fnmatch(name, s) or fnmatch(posixpath.basename(name), s) for s in self._skipped)

    def say(self, member: tarfile.TarInfo) -> None:
        """Print a member's name, with `-tv` also its mode, size and time."""
        shown = member.name.rstrip("/") + "/" * member.isdir()
        if self.flags.keys() >= {"t", "v"}:
            kind = "d" if member.isdir() else "l" if member.issym() else "-"
            when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(member.mtime))
            to = f" -> {member.linkname}" if member.issym() else ""
            self.out += f"{kind}{letters(member.mode)} agent/agent {member.size:>9} {when} {shown}{to}\n"
        elif self.flags.keys() & {"t", "v"} and not ("c" in self.flags and self.file == "-"):
            self.out += f"{shown}\n"


class _Packing(_Run):
    def go(self, names: list[str]) -> None:
        if not names:
            self.err += "tar: Cowardly refusing to create an empty archive\n"
            self.ends = "Try 'tar --help' or 'tar --usage' for more information.\n"
            return
        if self.file != "-":  # made first: it may be refused
            self.disk.write_file(self.call.at(self.file), b"")
        held = io.BytesIO()
        with tarfile.open(fileobj=held, mode="w", format=tarfile.GNU_FORMAT) as archive:
            packed = [
                p for name in names for p in self._add(archive, name, posixpath.join(self.where, name).rstrip("/"))
            ]
        zipped = "z" in self.flags or ("a" in self.flags and self.file.endswith((".gz", ".tgz")))
        if self.file == "-":
            self.out += held.getvalue().decode("utf-8", "replace")
        else:
            self.disk.write_file(self.call.at(self.file), compressed(held.getvalue()) if zipped else held.getvalue())
        for path in reversed(packed if "R" in self.flags else []):
            try:
                self.disk.remove(path)
            except OSError as failure:
                self.err += f"tar: {path}: Cannot unlink: {failure.strerror}\n"

    def _add(self, archive: tarfile.TarFile, name: str, path: str) -> Iterator[str]:
        """Pack what stands at a path, a folder with all in it; yield the paths packed."""
        if self.passed_over(name):
            return
        if posixpath.normpath(path) == posixpath.normpath(self.call.at(self.file)) and self.file != "-":
            self.noted += f"tar: {name}: file is the archive; not dumped\n"
            return
        try:
            info = self.disk.stat(path)
            data = self.disk.read_file(path) if info.kind == "file" else b""
            inside = sorted(held for held, _ in self.disk.read_dir(path)) if info.kind == "directory" else []
        except OSError as failure:
            self.err += f"tar: {name}: Cannot {'stat' if failure.errno == 2 else 'open'}: {failure.strerror}\n"
            return
        member = tarfile.TarInfo(self._named(name))
        member.mode, member.mtime, member.uid, member.gid = info.mode, int(info.modified), 1000, 1000
        member.uname = member.gname = "agent"
        if info.kind == "symlink":
            member.type, member.linkname = tarfile.SYMTYPE, self.disk.read_link(path)
        member.type = tarfile.DIRTYPE if info.kind == "directory" else member.type
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
        self.say(member)
        yield path
        for inner in inside:
            yield from self._add(archive, f"{name.rstrip('/')}/{inner}", f"{path}/{inner}")

    def _named(self, name: str) -> str:
        if name.startswith("/") and "P" not in self.flags:
            note = "tar: Removing leading `/' from member names\n"
            self.noted += note if note not in self.noted else ""
            name = name.lstrip("/")
        return name.rstrip("/") or "."


class _Unpacking(_Run):
    def go(self, names: list[str]) -> None:
        raw = (self.call.stdin or "").encode() if self.file == "-" else self.disk.read_file(self.call.at(self.file))
        wanted = [n.rstrip("/") for n in names]
        seen: set[str] = set()
        with tarfile.open(fileobj=io.BytesIO(plain(raw)), mode="r:") as archive:
            for member in archive:
                fits = [n for n in wanted if f"{member.name}/".startswith(f"{n}/")]
                seen.update(fits)
                if (wanted and not fits) or self.passed_over(member.name):
                    continue
                if "O" not in self.flags:
                    self.say(member)
                if "x" in self.flags:
                    self._take_out(archive, member)
        self.err += "".join(f"tar: {n}: Not found in archive\n" for n in wanted if n not in seen)

    def _take_out(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        strip = self.flags.get("S", "0")
        parts = [p for p in member.name.split("/") if p not in ("", ".")][int(strip[:3]) if strip.isdecimal() else 0 :]
        read = archive.extractfile(member) if member.isfile() else None
        data = read.read() if read is not None else b""
        if "O" in self.flags:
            self.out += data.decode("utf-8", "replace")
        elif parts and ".." not in parts:
            try:
                self._put(posixpath.join(self.where, *parts), member, data)
            except OSError as failure:
                self.err += f"tar: {member.name}: Cannot open: {failure.strerror}\n"

    def _put(self, path: str, member: tarfile.TarInfo, data: bytes) -> None:
        """Make what a member says, in the place of what is there; its mode counts whole with -p, else as far as the umask lets it."""
        disk = self.disk
        if member.isdir():
            disk.mkdir(path, recursive=True)
        else:
            if not disk.exists(posixpath.dirname(path)):
                disk.mkdir(posixpath.dirname(path), recursive=True)
            self._make_way(path)
            if member.issym():
                disk.symlink(member.linkname, path)
                return
            disk.write_file(path, data)
            if "m" not in self.flags:
                disk.touch(path, float(member.mtime))
        disk.chmod(path, member.mode & 0o777 & ~(0 if "p" in self.flags else disk.umask))

    def _make_way(self, path: str) -> None:
        try:
            self.disk.stat(path)
        except OSError:
            return
        if "k" in self.flags:
            raise FileExistsError(17, "File exists", path)
        self.disk.remove(path)
