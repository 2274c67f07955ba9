"""`touch`, `tee`, `umask` and `stat`: what bashkit's cannot do on a disk that keeps modes and times."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

from offswitch.worlds.machine.call import Call, Result, short, unknown
from offswitch.worlds.machine.modes import new_mode
from offswitch.worlds.machine.nodes import Info

_RIGHTS, _PEOPLE = {"r": 4, "w": 2, "x": 1}, {"u": 6, "g": 3, "o": 0}


def touch(call: Call) -> Result:
    """`touch [-acm] [-r FILE] [-d TIME] [-t STAMP] FILE...`."""
    flags, names = short(
        call.argv, {"--no-create": "c", "--reference": "r", "--date": "d", "-a": "a", "-m": "m", "-h": "h"}, "rdt"
    )
    if "?" in flags:
        return unknown("touch", flags["?"])
    if not names:
        return "", "touch: missing file operand\nTry 'touch --help' for more information.\n", 1
    try:
        when = _when(call, flags)
    except (ValueError, OSError):
        given = flags.get("d") or flags.get("t") or flags.get("r")
        return "", f"touch: invalid date format '{given}'\n", 1
    err = ""
    for name in names:
        try:
            if not call.disk.exists(call.at(name)):
                if "c" in flags:
                    continue
                call.disk.append_file(call.at(name), b"")
            call.disk.touch(call.at(name), when)
        except OSError as failure:
            err += f"touch: cannot touch '{name}': {failure.strerror}\n"
    return "", err, 1 if err else 0


def _when(call: Call, flags: dict[str, str]) -> float:
    if "r" in flags:
        return call.disk.node(call.at(flags["r"])).modified
    if "t" in flags:
        digits = flags["t"].replace(".", "")
        century = {10: f"{datetime.now(UTC):%Y}", 12: f"{datetime.now(UTC):%Y}"}.get(len(digits), "")
        return datetime.strptime((century + digits).ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()
    if "d" in flags and flags["d"] != "now":
        text = flags["d"]
        if text.startswith("@"):
            return float(text[1:])
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    return time.time()


def tee(call: Call) -> Result:
    """`tee [-a] [FILE]...`."""
    flags, names = short(call.argv, {"--append": "a", "--ignore-interrupts": "i", "-p": "p"})
    text, err = call.stdin or "", ""
    if "?" in flags:
        return unknown("tee", flags["?"])
    for name in names:
        write = call.disk.append_file if "a" in flags else call.disk.write_file
        try:
            write(call.at(name), text.encode())
        except OSError as failure:
            err += f"tee: {name}: {failure.strerror}\n"
    return text, err, 1 if err else 0


def umask(call: Call) -> Result:
    """`umask [-S] [MODE]`: what a new file's mode lacks."""
    words = [a for a in call.argv if not a.startswith("-")]
    if not words:
        shown = f"{call.disk.umask:04o}"
        if "-S" in call.argv:
            have = 0o777 & ~call.disk.umask
            rights = ("".join(c for c, b in _RIGHTS.items() if have >> s & b) for s in _PEOPLE.values())
            shown = ",".join(f"{who}={right}" for who, right in zip(_PEOPLE, rights, strict=True))
        return f"{shown}\n", "", 0
    if re.fullmatch(r"[0-7]{1,4}", words[0]):
        call.disk.umask = int(words[0], 8) & 0o777
        return "", "", 0
    mode = new_mode(words[0], 0o777 & ~call.disk.umask, False)
    if mode is None:
        return "", f"bash: umask: `{words[0]}': invalid symbolic mode operator\n", 1
    call.disk.umask = 0o777 & ~mode
    return "", "", 0


_NAMES = {"file": "regular file", "directory": "directory", "symlink": "symbolic link"}
_FIELDS: dict[str, Callable[[Info, str], str]] = {
    "a": lambda i, n: f"{i.mode:o}", "A": lambda i, n: letters(i), "s": lambda i, n: str(i.size), "n": lambda i, n: n,
    "F": lambda i, n: "regular empty file" if i.kind == "file" and not i.size else _NAMES[i.kind], "i": lambda i, n: str(i.number),
    "h": lambda i, n: str(i.links), "U": lambda i, n: i.owner, "G": lambda i, n: i.owner, "u": lambda i, n: _uid(i), "g": lambda i, n: _uid(i),
    "Y": lambda i, n: str(int(i.modified)), "X": lambda i, n: str(int(i.modified)), "Z": lambda i, n: str(int(i.modified)),
    "y": lambda i, n: _stamp(i), "x": lambda i, n: _stamp(i), "z": lambda i, n: _stamp(i), "w": lambda i, n: _stamp(i), "W": lambda i, n: str(int(i.modified)),
    "b": lambda i, n: str(-(-i.size // 4096) * 8), "B": lambda i, n: "512", "o": lambda i, n: "4096", "d": lambda i, n: "65025",
    "f": lambda i, n: f"{({'file': 0o100000, 'directory': 0o40000, 'symlink': 0o120000}[i.kind] | i.mode):x}", "%": lambda i, n: "%",
}  # fmt: skip
_LONG_STAT = """  File: %N
  Size: %-10s\tBlocks: %-10b IO Block: 4096   %F
Device: 254,1\tInode: %-11i Links: %h
Access: (%04a/%A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)
Access: %x
Modify: %y
Change: %z
 Birth: %w
"""


def stat(call: Call) -> Result:
    """`stat [-L] [-c FORMAT|--printf=FORMAT] FILE...`."""
    flags, names = short(
        call.argv, {"--format": "c", "--printf": "p", "--dereference": "L", "--terse": "t", "--file-system": "f"}, "cp"
    )
    if "?" in flags:
        return unknown("stat", flags["?"])
    if not names:
        return "", "stat: missing operand\nTry 'stat --help' for more information.\n", 1
    form = flags.get("p", "").encode().decode("unicode_escape") or (flags["c"] + "\n" if "c" in flags else _LONG_STAT)
    out = err = ""
    for name in names:
        try:
            path = call.at(name)
            info = call.disk.node(path).info() if "L" in flags else call.disk.stat(path)
            to = f" -> '{call.disk.read_link(path)}'" if info.kind == "symlink" else ""
        except OSError as failure:
            err += f"stat: cannot statx '{name}': {failure.strerror}\n"
            continue
        out += _formed(form, info, name, to, "c" in flags or "p" in flags)
    return out, err, 1 if err else 0


def _formed(form: str, info: Info, name: str, to: str, quoted: bool) -> str:
    shown = (f"'{name}'" if quoted else name) + (to if quoted else to.replace("'", ""))

    def one(found: re.Match[str]) -> str:
        value = shown if found[2] == "N" else _FIELDS[found[2]](info, name) if found[2] in _FIELDS else "?"
        pad, width = found[1].lstrip("0"), int(found[1].lstrip("-0#") or 0)
        if found[1].startswith("0"):
            return value.rjust(width, "0")
        return value.ljust(width) if pad.startswith("-") else value.rjust(width)

    return re.sub(r"%(-?#?\d*)([a-zA-Z%])", one, form)


def letters(info: Info) -> str:
    """Return a mode as `ls -l` writes it."""
    kind = {"directory": "d", "symlink": "l"}.get(info.kind, "-")
    bits = ["rwxrwxrwx"[i] if info.mode >> (8 - i) & 1 else "-" for i in range(9)]
    for at, bit, sign in ((2, 0o4000, "s"), (5, 0o2000, "s"), (8, 0o1000, "t")):
        if info.mode & bit:
            bits[at] = sign if bits[at] == "x" else sign.upper()
    return kind + "".join(bits)


def _uid(info: Info) -> str:
    return "1000" if info.owner == "agent" else "0"


def _stamp(info: Info) -> str:
    return datetime.fromtimestamp(info.modified, UTC).strftime("%Y-%m-%d %H:%M:%S.%f000 +0000")
