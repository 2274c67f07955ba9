"""`mv` and `install`: bashkit's move into folders that are not there, and forget modes."""

import posixpath
import re

from bashkit import BuiltinContext

from offswitch.worlds.machine.modes import Modes
from offswitch.worlds.machine.processes import Result


def mv(ctx: BuiltinContext, modes: Modes, copies: set[str]) -> Result:
    """`mv [-fnvT] [-t DIR] SOURCE... DEST`; a copy that is moved stays known as a copy."""
    into, words = _target(ctx.argv)
    flags = {c for a in words if re.fullmatch(r"-[a-zA-Z]+", a) for c in a[1:]}
    names = [a for a in words if not a.startswith("-") or a == "-"]
    if len(names) + (into is not None) < 2:
        missing = f"missing destination file operand after '{names[0]}'" if names else "missing file operand"
        return "", f"mv: {missing}\nTry 'mv --help' for more information.\n", 1
    *sources, dest = (*names, into) if into is not None else names
    if len(sources) > 1 and not _is_dir(ctx, dest):
        return "", f"mv: target '{dest}': No such file or directory\n", 1
    out = err = ""
    for source in sources:
        said, wrong = _move(ctx, modes, copies, source, dest, "n" in flags)
        out, err = out + (said if "v" in flags else ""), err + wrong
    return out, err, 1 if err else 0


def _move(ctx: BuiltinContext, modes: Modes, copies: set[str], source: str, dest: str, keep: bool) -> tuple[str, str]:
    fs, old = ctx.fs, _absolute(ctx, source)
    if not _there(ctx, old):
        return "", f"mv: cannot stat '{source}': No such file or directory\n"
    shown = posixpath.join(dest, posixpath.basename(old)) if _is_dir(ctx, dest) else dest
    new = _absolute(ctx, shown)
    if old == new:
        return "", f"mv: '{source}' and '{shown}' are the same file\n"
    if not fs.exists(posixpath.dirname(new)) or (dest.endswith("/") and not _is_dir(ctx, dest)):
        return "", f"mv: cannot move '{source}' to '{shown}': No such file or directory\n"
    if not (modes.owns(old) and modes.owns(new)):
        return "", f"mv: cannot move '{source}' to '{shown}': Permission denied\n"
    if keep and _there(ctx, new):
        return "", ""
    mode = modes.wanted(fs, old) if fs.stat(old)["file_type"] == "file" else None
    try:
        if _there(ctx, new):
            fs.remove(new)
        fs.rename(old, new)
    except Exception:  # bashkit raises a bare Exception: a folder that is not empty, no space
        return "", f"mv: cannot move '{source}' to '{shown}': Directory not empty\n"
    modes.moved(old, new, mode)
    if old in copies:
        copies.add(new)
    return f"renamed '{source}' -> '{shown}'\n", ""


def install(ctx: BuiltinContext, modes: Modes, copies: set[str]) -> Result:
    """`install [-D] [-m MODE] SOURCE DEST` and `install -d DIR...`."""
    words, mode = list(ctx.argv), 0o755
    for i, word in enumerate(words):
        if found := re.fullmatch(r"(?:-m|--mode=)([0-7]{1,4})", word):
            mode, words[i] = int(found[1], 8), "-"
        elif word == "-m" and i + 1 < len(words) and re.fullmatch(r"[0-7]{1,4}", words[i + 1]):
            mode, words[i], words[i + 1] = int(words[i + 1], 8), "-", "-"
    names = [_absolute(ctx, w) for w in words if not w.startswith("-")]
    if "-d" in words:
        return _folders(ctx, names)
    if len(names) < 2:
        return "", "install: missing destination file operand\n", 1
    source, dest = names[0], names[-1]
    target = posixpath.join(dest, posixpath.basename(source)) if _is_dir(ctx, dest) else dest
    if source != "/dev/null" and not ctx.fs.exists(source):
        return "", f"install: cannot stat '{source}': No such file or directory\n", 1
    if not modes.owns(target):
        return "", f"install: cannot create regular file '{target}': Permission denied\n", 1
    try:
        if "-D" in words:
            ctx.fs.mkdir(posixpath.dirname(target), recursive=True)
        content = b"" if source == "/dev/null" else ctx.fs.read_file(source)
        if _there(ctx, target):
            ctx.fs.remove(target)
        ctx.fs.write_file(target, content)
    except Exception:  # bashkit raises a bare Exception: no such folder
        return "", f"install: cannot create regular file '{target}': No such file or directory\n", 1
    copies.add(target)
    modes.change(ctx.fs, target, mode)
    return "", "", 0


def _folders(ctx: BuiltinContext, names: list[str]) -> Result:
    err = ""
    for name in names:
        try:
            ctx.fs.mkdir(name, recursive=True)
        except Exception:  # bashkit raises a bare Exception: root's folder, or a file in its place
            err += f"install: cannot create directory '{name}': Permission denied\n"
    return "", err, 1 if err else 0


def _target(argv: list[str]) -> tuple[str | None, list[str]]:
    """Take `-t DIR` out of the words."""
    for i, word in enumerate(argv):
        if word == "-t" and i + 1 < len(argv):
            return argv[i + 1], [*argv[:i], *argv[i + 2 :]]
        if word.startswith("--target-directory="):
            return word.partition("=")[2], [*argv[:i], *argv[i + 1 :]]
    return None, list(argv)


def _absolute(ctx: BuiltinContext, name: str) -> str:
    return posixpath.normpath(posixpath.join(ctx.cwd, name))


def _there(ctx: BuiltinContext, path: str) -> bool:
    """Whether something has this name; a link to nowhere counts."""
    try:
        ctx.fs.stat(path)
    except Exception:  # bashkit raises a bare Exception for a missing path
        return False
    return True


def _is_dir(ctx: BuiltinContext, name: str) -> bool:
    path = _absolute(ctx, name)
    return ctx.fs.exists(path) and ctx.fs.stat(path)["file_type"] == "directory"
