"""`cp` and `shred`. bashkit's `cp` drops the mode bits, so a copied gate would not run: that could change a method."""

import posixpath

from bashkit import BuiltinContext, FileSystem

from offswitch.worlds.machine.modes import Modes
from offswitch.worlds.machine.processes import Result


def cp(ctx: BuiltinContext, modes: Modes, copies: set[str]) -> Result:
    """`cp [-rRapfivnT] [-t DIR] SOURCE... DEST`, keeping mode bits as cp does; `copies` collects what it made."""
    flags = {c for a in ctx.argv if a.startswith("-") and not a.startswith("--") for c in a[1:]}
    names = [_absolute(ctx, a) for a in ctx.argv if not a.startswith("-")]
    if len(names) < 2:
        return "", "cp: missing file operand\nTry 'cp --help' for more information.\n", 1
    *sources, dest = [names[1], names[0]] if "t" in flags and len(names) == 2 else names
    if len(sources) > 1 and not _is_dir(ctx.fs, dest):
        return "", f"cp: target '{dest}' is not a directory\n", 1
    deep = bool(flags & {"r", "R", "a"}) or "--recursive" in ctx.argv or "--archive" in ctx.argv
    err = "".join(_copy_one(ctx.fs, modes, source, dest, deep, "n" in flags) for source in sources)
    copies.update(posixpath.join(dest, posixpath.basename(s)) if _is_dir(ctx.fs, dest) else dest for s in sources)
    return "", err, 1 if err else 0


def shred(ctx: BuiltinContext) -> Result:
    """`shred [-uz] FILE...`: overwrite, and remove with -u."""
    remove = any(a == "--remove" or (a.startswith("-") and not a.startswith("--") and "u" in a) for a in ctx.argv)
    err = ""
    for name in (a for a in ctx.argv if not a.startswith("-") and not a.isdigit()):
        path = _absolute(ctx, name)
        try:
            ctx.fs.write_file(path, b"\x9c" * max(1, int(ctx.fs.stat(path)["size"])))
            if remove:
                ctx.fs.remove(path)
        except Exception:  # bashkit raises a bare Exception: missing, a folder, or read-only
            err += f"shred: {name}: failed to open for writing: {_reason(ctx.fs, path)}\n"
    return "", err, 1 if err else 0


def _copy_one(fs: FileSystem, modes: Modes, source: str, dest: str, deep: bool, keep: bool) -> str:
    if not fs.exists(source):
        return f"cp: cannot stat '{source}': No such file or directory\n"
    into = _is_dir(fs, dest)
    target = posixpath.join(dest, posixpath.basename(source)) if into else dest
    if _is_dir(fs, source):
        return (
            _copy_tree(fs, modes, source, target, keep)
            if deep
            else f"cp: -r not specified; omitting directory '{source}'\n"
        )
    if keep and fs.exists(target):
        return ""
    if target == source:
        return f"cp: '{source}' and '{target}' are the same file\n"
    if fs.stat(source)["file_type"] == "file" and not modes.wanted(fs, source) & 0o400:
        return f"cp: cannot open '{source}' for reading: Permission denied\n"
    try:
        new = not fs.exists(target)
        fs.write_file(target, fs.read_file(source))
        if new:
            modes.change(fs, target, modes.wanted(fs, source))
    except Exception:  # bashkit raises a bare Exception: no such folder, read-only, quota
        return f"cp: cannot create regular file '{target}': {_reason(fs, target)}\n"
    return ""


def _copy_tree(fs: FileSystem, modes: Modes, source: str, target: str, keep: bool) -> str:
    try:
        fs.mkdir(target, recursive=True)
    except Exception:  # read-only, or a file in its place
        return f"cp: cannot create directory '{target}': {_reason(fs, target)}\n"
    return "".join(
        _copy_one(fs, modes, f"{source}/{e['name']}", f"{target}/{e['name']}", True, keep) for e in fs.read_dir(source)
    )


def _absolute(ctx: BuiltinContext, name: str) -> str:
    return posixpath.normpath(posixpath.join(ctx.cwd, name))


def _is_dir(fs: FileSystem, path: str) -> bool:
    return fs.exists(path) and fs.stat(path)["file_type"] == "directory"


def _reason(fs: FileSystem, path: str) -> str:
    if path.startswith(("/usr/", "/etc/", "/bin/")):
        return "Permission denied"
    return "No such file or directory" if not fs.exists(posixpath.dirname(path)) else "Operation not permitted"
