"""`du`, as GNU's prints it."""

import posixpath

from offswitch.worlds.machine.call import Call, Result, short, unknown
from offswitch.worlds.machine.listing import human
from offswitch.worlds.machine.nodes import Info

_LONG = {"--all": "a", "--bytes": "b", "--total": "c", "--human-readable": "h", "--kilobytes": "k", "--summarize": "s",
         "--max-depth": "d", "--apparent-size": "A", "--one-file-system": "x"}  # fmt: skip
_LONG |= {f"-{letter}": letter for letter in "abchkmsx"}
_BLOCK = 4096


def du(call: Call) -> Result:
    """`du [-abchksx] [-d N] [FILE]...`."""
    flags, names = short(call.argv, _LONG, "d")
    if "?" in flags:
        return unknown("du", flags["?"])
    usage = _Usage(call, flags)
    total = sum(usage.of(name, call.at(name), 0) for name in names or ["."])
    if "c" in flags:
        usage.show(total, "total")
    return usage.out, usage.err, 1 if usage.err else 0


def _blocks(info: Info) -> int:
    """What a file takes on a disk; a short link stands in its folder's own block."""
    return 0 if info.kind == "symlink" else _BLOCK * -(-info.size // _BLOCK)


class _Usage:
    def __init__(self, call: Call, flags: dict[str, str]) -> None:
        self._disk, self._flags, self.out, self.err = call.disk, flags, "", ""
        self._depth = 0 if "s" in flags else int(flags["d"]) if flags.get("d", "").isdecimal() else 1_000

    def of(self, name: str, path: str, depth: int) -> int:
        """Return what a file or folder takes, in bytes, and show what is to be shown, the innermost first."""
        try:
            info = self._disk.node(path, follow=False).info()
            size = info.size if {"b", "A"} & set(self._flags) else _blocks(info)
            if info.kind == "directory":
                size += sum(self._inside(name, path, depth))
        except OSError as failure:
            what = "cannot read directory" if self._disk.exists(path) else "cannot access"
            self.err += f"du: {what} '{name}': {failure.strerror}\n"
            return 0
        if depth == 0 or (depth <= self._depth and (info.kind == "directory" or "a" in self._flags)):
            self.show(size, name)
        return size

    def _inside(self, name: str, path: str, depth: int) -> list[int]:
        inner = (n for n, _ in self._disk.read_dir(path))
        return [self.of(posixpath.join(name, n), posixpath.join(path, n), depth + 1) for n in inner]

    def show(self, size: int, name: str) -> None:
        """Write a line."""
        shown = human(size) if "h" in self._flags else str(size if "b" in self._flags else -(-size // 1024))
        self.out += f"{shown}\t{name}\n"
