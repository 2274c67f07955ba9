"""`mv` and `install`."""

import posixpath

from offswitch.worlds.machine.call import Call, Result, short, unknown
from offswitch.worlds.machine.destinations import agreed, targets, there

_MV = {"--force": "f", "--interactive": "i", "--no-clobber": "n", "--verbose": "v", "--target-directory": "t",
       "--no-target-directory": "T", "--update": "u", "--backup": "b"}  # fmt: skip
_INSTALL = {"--mode": "m", "--directory": "d", "--target-directory": "t", "--verbose": "v", "--preserve-timestamps": "p",
            "--no-target-directory": "T", "--owner": "o", "--group": "g", "-D": "D", "-C": "C", "-c": "c", "-s": "s", "-b": "b"}  # fmt: skip


def mv(call: Call, copies: set[str]) -> Result:
    """`mv [-fnvT] [-t DIR] SOURCE... DEST`; a copy that is moved stays known as a copy."""
    flags, names = short(call.argv, _MV, "t")
    if "?" in flags:
        return unknown("mv", flags["?"])
    pairs, problem = targets(call, "mv", flags, names)
    pairs, asked = agreed(call, "mv", flags, pairs)
    out, err = "", problem
    for source, dest in pairs:
        said, wrong = _move(call, copies, source, dest, "n" in flags)
        out, err = out + (said if "v" in flags else ""), err + wrong
    return out, asked + err, 1 if err else 0


def _move(call: Call, copies: set[str], source: str, dest: str, keep: bool) -> tuple[str, str]:
    disk, old, new = call.disk, call.at(source), call.at(dest)
    try:
        kind = disk.stat(old).kind
    except OSError as failure:
        return "", f"mv: cannot stat '{source}': {failure.strerror}\n"
    try:
        disk.stat(new)
    except NotADirectoryError as failure:
        return "", f"mv: cannot stat '{dest}': {failure.strerror}\n"
    except OSError:
        pass
    if there(disk, new):
        if keep:
            return "", ""
        if disk.node(old, follow=False) is disk.node(new, follow=False):
            return "", f"mv: '{source}' and '{dest}' are the same file\n"
        if kind == "directory" and disk.stat(new).kind != "directory":
            return "", f"mv: cannot overwrite non-directory '{dest}' with directory '{source}'\n"
    elif dest.endswith("/") and kind != "directory":
        why = "Not a directory" if disk.exists(new.rstrip("/")) else "No such file or directory"
        return "", f"mv: cannot move '{source}' to '{dest}': {why}\n"
    try:
        disk.rename(old, new)
    except OSError as failure:
        if failure.errno == 22:
            return "", f"mv: cannot move '{source}' to a subdirectory of itself, '{dest}'\n"
        return "", f"mv: cannot move '{source}' to '{dest}': {failure.strerror}\n"
    if posixpath.normpath(old) in copies:
        copies.add(posixpath.normpath(new))
    return f"renamed '{source}' -> '{dest}'\n", ""


def install(call: Call, copies: set[str]) -> Result:
    """`install [-D] [-m MODE] SOURCE... DEST` and `install -d DIR...`."""
    flags, names = short(call.argv, _INSTALL, "mtog")
    if "?" in flags:
        return unknown("install", flags["?"])
    mode = flags.get("m", "755")
    if not set(mode) <= set("01234567"):
        return "", f"install: invalid mode '{mode}'\n", 1
    if "d" in flags:
        return _folders(call, names, int(mode, 8))
    if "D" in flags and len(names) > 1:
        call.disk.mkdir(posixpath.dirname(posixpath.normpath(call.at(names[-1]))), recursive=True)
    pairs, err = targets(call, "install", flags, names)
    for source, dest in pairs:
        err += _install(call, source, dest, int(mode, 8))
        copies.add(posixpath.normpath(call.at(dest)))
    return "", err, 1 if err else 0


def _install(call: Call, source: str, dest: str, mode: int) -> str:
    disk, new = call.disk, call.at(dest)
    try:
        data = disk.read_file(call.at(source))
    except OSError as failure:
        verb = "open" if isinstance(failure, PermissionError) else "stat"
        return f"install: cannot {verb} '{source}'{' for reading' if verb == 'open' else ''}: {failure.strerror}\n"
    try:
        if there(disk, new):
            disk.remove(new)
        disk.write_file(new, data)
        disk.chmod(new, mode)
    except OSError as failure:
        return f"install: cannot create regular file '{dest}': {failure.strerror}\n"
    return ""


def _folders(call: Call, names: list[str], mode: int) -> Result:
    err = ""
    for name in names:
        try:
            call.disk.mkdir(call.at(name), recursive=True)
            call.disk.chmod(call.at(name), mode)
        except OSError as failure:
            err += f"install: cannot create directory '{name}': {failure.strerror}\n"
    return "", err, 1 if err else 0
