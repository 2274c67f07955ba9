"""`ls`, as GNU's prints to a pipe: agents look at a folder before anything else."""

import posixpath
import time
from datetime import UTC, datetime
from math import ceil
from typing import NamedTuple

from offswitch.worlds.machine.attributes import letters
from offswitch.worlds.machine.call import Call, Result, short, unknown
from offswitch.worlds.machine.nodes import Info

_LONG = {"--all": "a", "--almost-all": "A", "--directory": "d", "--recursive": "R", "--reverse": "r", "--human-readable": "h",
         "--classify": "F", "--inode": "i", "--size": "s", "--full-time": "E", "--numeric-uid-gid": "n", "--no-group": "G",
         "--dereference": "L", "--file-type": "p", "--color": "_", "--time-style": "_", "--sort": "_",
         "--group-directories-first": "_", "--quoting-style": "_", "--si": "h"}  # fmt: skip
_LONG |= {f"-{c}": c for c in "bBcCDfgHklmNoqQStTuUvxXZ1"}
_HALF_A_YEAR = 182 * 86400


class Entry(NamedTuple):
    """One line of a listing."""

    name: str
    info: Info
    to: str = ""


def human(size: int) -> str:
    """Return a number of bytes as GNU's programs show it with -h."""
    if size < 1024:
        return str(size)
    value, unit = (size / 1024, "K") if size < 2**20 else (size / 2**20, "M")
    return f"{ceil(value * 10) / 10:.1f}{unit}" if value <= 9.9 else f"{ceil(value)}{unit}"


def ls(call: Call) -> Result:
    """`ls [-aAdFghilLnopRrSst1] [FILE]...`. A missing file is status 2."""
    given, names = short(call.argv, _LONG, "_")
    flags = set(given)
    if "?" in flags:
        return unknown("ls", given["?"], 2)
    if not names and not call.disk.exists(call.cwd):
        return "", "", 0  # a folder that is gone is empty to whoever stands in it
    listing = _Listing(call, flags)
    files, folders = [], []
    for name in names or ["."]:
        entry = listing.entry(name, call.at(name))
        if entry is None:
            continue
        if "d" not in flags and listing.opens(name, entry):
            folders.append(name)
        else:
            files.append(entry)
    blocks = [listing.lines(files)] if files else []
    for name in sorted(folders, reverse="r" in flags):
        blocks += listing.folder(name, call.at(name), titled=len(names) > 1)
    return "\n".join(blocks), listing.err, listing.status


class _Listing:
    def __init__(self, call: Call, flags: set[str]) -> None:
        self._disk, self._at, self._flags, self.err, self.status = call.disk, call.at, flags, "", 0
        self._is_long = bool(flags & {"l", "g", "n", "o", "E"})

    def entry(self, name: str, path: str, inner: bool = False) -> Entry | None:
        """Return what stands at a path; None for nothing, with the reason among the errors."""
        try:
            info = self._disk.node(path, follow="L" in self._flags).info()
            return Entry(name, info, self._disk.read_link(path) if info.kind == "symlink" else "")
        except OSError as failure:
            self._wrong(f"cannot access '{path if inner else name}': {failure.strerror}", 1 if inner else 2)
            return None

    def opens(self, name: str, entry: Entry) -> bool:
        """Whether what the folder holds is listed, not the folder: also through a link, but for a long listing."""
        if entry.info.kind == "symlink" and not (self._is_long or "F" in self._flags):
            path = self._at(name)
            return self._disk.exists(path) and self._disk.node(path).kind == "directory"
        return entry.info.kind == "directory"

    def folder(self, name: str, path: str, titled: bool) -> list[str]:
        """Return the blocks of a folder, with -R those below it too."""
        deep = "R" in self._flags
        try:
            found = self._disk.read_dir(path)
        except OSError as failure:
            self._wrong(f"cannot open directory '{name}': {failure.strerror}", 2)
            return []
        plain = not (
            self._is_long or self._flags & {"F", "L", "i", "s", "S", "t"}
        )  # names alone ask nothing of the files
        held = [Entry(n, i) if plain else self.entry(n, posixpath.join(path, n)) for n, i in found]
        shown = [e for e in held if e is not None and (self._flags & {"a", "A", "f"} or not e.name.startswith("."))]
        if self._flags & {"a", "f"} and "A" not in self._flags:
            dots = (self.entry(dot, posixpath.join(path, dot)) for dot in (".", ".."))
            shown += [e for e in dots if e is not None]
        total = (
            f"total {sum(4 * -(-e.info.size // 4096) for e in shown)}\n" if self._is_long or "s" in self._flags else ""
        )
        block = (f"{name}:\n" if titled or deep else "") + total + self.lines(shown)
        below = [e.name for e in self._sorted(shown) if e.info.kind == "directory" and e.name not in (".", "..")]
        return [
            block,
            *(b for n in below if deep for b in self.folder(posixpath.join(name, n), posixpath.join(path, n), True)),
        ]

    def lines(self, entries: list[Entry]) -> str:
        """Return entries as text, a line each."""
        widths = [
            max((len(word) for word in column), default=1) for column in zip(*map(self._words, entries), strict=True)
        ]
        return "".join(self._line(e, widths) + "\n" for e in self._sorted(entries))

    def _words(self, e: Entry) -> tuple[str, str, str, str]:
        """The parts whose width is that of the widest: links, owner, group, size."""
        owner = {"agent": "1000", "root": "0"}[e.info.owner] if "n" in self._flags else e.info.owner
        no_group = self._flags & {"o", "G"}
        return str(e.info.links), "" if "g" in self._flags else owner, "" if no_group else owner, self._size(e)

    def _line(self, e: Entry, widths: list[int]) -> str:
        before = f"{e.info.number} " if "i" in self._flags else ""
        before += f"{4 * -(-e.info.size // 4096)} " if "s" in self._flags else ""
        if not self._is_long:
            return before + e.name + self._mark(e)
        links, owner, group, size = self._words(e)
        people = "".join(f"{word:<{w}} " for word, w in ((owner, widths[1]), (group, widths[2])) if word)
        name = f"{e.name} -> {e.to}" if e.to else e.name + self._mark(e)
        return f"{before}{letters(e.info)} {links:>{widths[0]}} {people}{size:>{widths[3]}} {self._when(e)} {name}"

    def _mark(self, e: Entry) -> str:
        marks = {"directory": "/", "symlink": "@"}
        mark = marks.get(e.info.kind, "*" if e.info.mode & 0o111 else "")
        return mark if "F" in self._flags or ("p" in self._flags and mark == "/") else ""

    def _when(self, e: Entry) -> str:
        then, age = datetime.fromtimestamp(e.info.modified, UTC), time.time() - e.info.modified
        if "E" in self._flags:
            return then.strftime("%Y-%m-%d %H:%M:%S.%f000 +0000")
        return then.strftime("%b %e %H:%M" if -60 < age < _HALF_A_YEAR else "%b %e  %Y")

    def _size(self, e: Entry) -> str:
        return human(e.info.size) if "h" in self._flags else str(e.info.size)

    def _sorted(self, entries: list[Entry]) -> list[Entry]:
        if self._flags & {"U", "f"}:
            return entries
        out = sorted(entries, key=lambda e: e.name)
        if "t" in self._flags:
            out.sort(key=lambda e: -e.info.modified)
        if "S" in self._flags:
            out.sort(key=lambda e: -e.info.size)
        return out[::-1] if "r" in self._flags else out

    def _wrong(self, text: str, status: int) -> None:
        self.err, self.status = f"{self.err}ls: {text}\n", max(self.status, status)
