"""`rm`, `mkdir`, `mktemp` and `realpath`: as GNU's say and do it."""

import errno
import posixpath
import random

from offswitch.worlds.machine.call import Call, Result, short, unknown
from offswitch.worlds.machine.lookup import fail
from offswitch.worlds.machine.modes import new_mode
from offswitch.worlds.machine.nodes import Info

_RM = {"--force": "f", "--recursive": "r", "-R": "R", "--dir": "d", "--verbose": "v", "-i": "i", "-I": "I", "--interactive": "i",
       "--no-preserve-root": "N", "--preserve-root": "P", "--one-file-system": "x"}  # fmt: skip
_MKDIR = {"--parents": "p", "--mode": "m", "--verbose": "v"}
_MKTEMP = {"--directory": "d", "--dry-run": "u", "--quiet": "q", "--tmpdir": "p", "--suffix": "S", "-t": "t"}
_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def rm(call: Call) -> Result:
    """`rm [-rRfdv] FILE...`."""
    flags, names = short(call.argv, _RM)
    if "?" in flags:
        return unknown("rm", flags["?"])
    if not names:
        return ("", "", 0) if "f" in flags else ("", "rm: missing operand\nTry 'rm --help' for more information.\n", 1)
    removing = _Removing(call, set(flags))
    for name in names:
        removing.one(name, call.at(name))
    return removing.out, removing.asked + removing.err, 1 if removing.err else 0


class _Removing:
    def __init__(self, call: Call, flags: set[str]) -> None:
        self._disk, self._flags, self.out, self.err = call.disk, flags, "", ""
        self.asked = ""
        self._answers = iter((call.stdin or "").splitlines())

    def _agreed(self, name: str, info: Info) -> bool:
        """With -i each file is asked for; who says nothing says no."""
        if "i" not in self._flags or "f" in self._flags:
            return True
        what = {"symlink": "symbolic link"}.get(info.kind, "regular file" if info.size else "regular empty file")
        self.asked += f"rm: remove {what} '{name}'? "
        return next(self._answers, "").lower().startswith("y")

    def one(self, name: str, path: str) -> None:
        """Remove what stands at a path; with -r a folder's content first, as far as it goes."""
        try:
            if posixpath.basename(name.rstrip("/")) in (".", ".."):
                self.err += f"rm: refusing to remove '.' or '..' directory: skipping '{name}'\n"
                return
            info = self._disk.stat(path.rstrip("/") or "/")
            kind = info.kind
            if kind != "directory" and not self._agreed(name, info):
                return
            if kind != "directory":
                if path.endswith("/"):
                    raise fail(errno.EISDIR if self._disk.exists(path) else errno.ENOTDIR, path)
                self._disk.remove(path)
            elif not self._flags & {"r", "R", "d"}:
                raise fail(errno.EISDIR, path)
            else:
                self._folder(name, path)
        except OSError as failure:
            if not (failure.errno in (errno.ENOENT, errno.ENOTDIR) and "f" in self._flags):
                self.err += f"rm: cannot remove '{name}': {failure.strerror}\n"
            return
        if "v" in self._flags and kind != "directory":
            self.out += f"removed '{name}'\n"

    def _folder(self, name: str, path: str) -> None:
        before = self.err
        if self._flags & {"r", "R"} and (self._disk.may(path, 4) or self._disk.node(path).held):
            for inner in sorted(held for held, _ in self._disk.read_dir(path)):
                self.one(posixpath.join(name, inner), posixpath.join(path, inner))
        if self.err == before:
            self._disk.remove(path)
            self.out += f"removed directory '{name}'\n" if "v" in self._flags else ""


def mkdir(call: Call) -> Result:
    """`mkdir [-pv] [-m MODE] FOLDER...`."""
    flags, names = short(call.argv, _MKDIR, "m")
    if "?" in flags:
        return unknown("mkdir", flags["?"])
    if not names:
        return "", "mkdir: missing operand\nTry 'mkdir --help' for more information.\n", 1
    mode = new_mode(flags["m"], 0o777, True) if "m" in flags else None
    if "m" in flags and mode is None:
        return "", f"mkdir: invalid mode '{flags['m']}'\n", 1
    out = err = ""
    for name in names:
        for part in _parts(name) if "p" in flags else [name]:
            try:
                if (
                    "p" in flags
                    and call.disk.exists(call.at(part))
                    and call.disk.node(call.at(part)).kind == "directory"
                ):
                    continue
                call.disk.mkdir(call.at(part))
                out += f"mkdir: created directory '{part}'\n" if "v" in flags else ""
                if mode is not None and part == name:
                    call.disk.chmod(call.at(part), mode)
            except OSError as failure:
                err += f"mkdir: cannot create directory '{part}': {failure.strerror}\n"
                break
    return out, err, 1 if err else 0


def _parts(name: str) -> list[str]:
    """The folders on the way to a name, and itself."""
    words = name.rstrip("/").split("/")
    return ["/".join(words[: i + 1]) for i in range(len(words)) if words[i] or not i] if name.strip("/") else []


def mktemp(call: Call) -> Result:
    """`mktemp [-dut] [-p FOLDER] [TEMPLATE]`: a file or folder that only its owner may read."""
    flags, names = short(call.argv, _MKTEMP, "pS")
    if "?" in flags:
        return unknown("mktemp", flags["?"])
    template = names[0] if names else "tmp.XXXXXXXXXX"
    if "XXX" not in template:
        return "", f"mktemp: too few X's in template '{template}'\n", 1
    into = flags.get("p") or call.env.get("TMPDIR", "/tmp")  # noqa: S108 -- a folder of the simulated machine
    name = template if names and not flags.keys() & {"p", "t"} else posixpath.join(into, template)
    end = len(name.rstrip("X"))
    stem, marks = (name[:end], len(name) - end) if end < len(name) else (name, 0)
    made = stem + "".join(random.choices(_NAME, k=marks)) + flags.get("S", "")
    try:
        if "u" not in flags and "d" in flags:
            call.disk.mkdir(call.at(made))
            call.disk.chmod(call.at(made), 0o700)
        elif "u" not in flags:
            call.disk.write_file(call.at(made), b"")
            call.disk.chmod(call.at(made), 0o600)
    except OSError as failure:
        kind = "directory" if "d" in flags else "file"
        return "", f"mktemp: failed to create {kind} via template '{name}': {failure.strerror}\n", 1
    return f"{made}\n", "", 0


def realpath(call: Call) -> Result:
    """`realpath [-esmqz] FILE...`."""
    flags, names = short(call.argv, {"-e": "e", "-m": "m", "-s": "s", "-q": "q", "-z": "z", "--relative-to": "R"}, "R")
    if "?" in flags:
        return unknown("realpath", flags["?"])
    out = err = ""
    for name in names:
        path, last = call.disk.real(call.at(name)), call.at(name)
        if "m" not in flags and not call.disk.exists(posixpath.dirname(path) if "e" not in flags else path):
            err += f"realpath: {name}: No such file or directory\n"
        else:
            found = posixpath.normpath(last) if "s" in flags else path
            out += (posixpath.relpath(found, call.at(flags["R"])) if "R" in flags else found) + "\n"
    return out, err, 1 if err else 0
