"""`cp`, `ln` and `shred`, on a disk that keeps modes, links and what may not be read."""

import posixpath

from offswitch.worlds.machine.call import Call, Result, short, unknown
from offswitch.worlds.machine.disk import Disk

_CP = {"--archive": "a", "--recursive": "r", "--force": "f", "--interactive": "i", "--no-clobber": "n", "--verbose": "v", "--preserve": "p",
       "--target-directory": "t", "--no-target-directory": "T", "--dereference": "L", "--no-dereference": "P", "--update": "u",
       "--link": "l", "--symbolic-link": "s", "-R": "R", "-d": "d", "-H": "H", "-x": "x", "--backup": "b"}  # fmt: skip
_LN = {"--symbolic": "s", "--force": "f", "--no-dereference": "n", "--verbose": "v", "--target-directory": "t",
       "--no-target-directory": "T", "--relative": "r", "--physical": "P", "--logical": "L", "-i": "i", "-b": "b"}  # fmt: skip


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


def ln(call: Call) -> Result:
    """`ln [-sfnvT] [-t DIR] TARGET... NAME`."""
    flags, names = short(call.argv, _LN, "t")
    if "?" in flags:
        return unknown("ln", flags["?"])
    pairs, problem = targets(call, "ln", flags, names + ["."] * (len(names) == 1))
    out, err = "", problem
    for target, name in pairs:
        said, wrong = _link(call, target, name, flags)
        out, err = out + said, err + wrong
    return out, err, 1 if err else 0


def shred(call: Call) -> Result:
    """`shred [-uz] [-n N] FILE...`: overwrite, and remove with -u."""
    flags, names = short(call.argv, {"--remove": "u", "--zero": "z", "--force": "f", "--verbose": "v"}, "ns")
    err = ""
    for name in names:
        path = call.at(name)
        try:
            if "f" in flags:
                call.disk.chmod(path, call.disk.stat(path).mode | 0o200)
            call.disk.write_file(path, (b"\0" if "z" in flags else b"\x9c") * max(1, call.disk.stat(path).size))
            if "u" in flags:
                call.disk.remove(path)
        except OSError as failure:
            err += f"shred: {name}: failed to open for writing: {failure.strerror}\n"
    return "", err, 1 if err else 0


def targets(call: Call, tool: str, flags: dict[str, str], names: list[str]) -> tuple[list[tuple[str, str]], str]:
    """Return (source, its new name) for each source of a command line that ends in a file or a folder; or what is wrong."""
    into = flags.get("t")
    if len(names) + (into is not None) < 2:
        missing = f"missing destination file operand after '{names[0]}'" if names else "missing file operand"
        return [], f"{tool}: {missing}\nTry '{tool} --help' for more information.\n"
    *sources, dest = [*names, into] if into is not None else names
    if "T" not in flags and _is_dir(call.disk, call.at(dest), "n" in flags and tool == "ln"):
        return [(s, posixpath.join(dest, posixpath.basename(s.rstrip("/")))) for s in sources], ""
    if len(sources) > 1 or into is not None:
        why = "Not a directory" if call.disk.exists(call.at(dest)) else "No such file or directory"
        return [], f"{tool}: target '{dest}': {why}\n"
    return [(sources[0], dest)], ""


def agreed(
    call: Call, tool: str, flags: dict[str, str], pairs: list[tuple[str, str]]
) -> tuple[list[tuple[str, str]], str]:
    """Return the pairs that may be done, and what was asked: with -i before anything is overwritten; silence is a no."""
    if "i" not in flags or flags.keys() & {"f", "n"}:
        return pairs, ""
    answers, kept, asked = iter((call.stdin or "").splitlines()), list[tuple[str, str]](), ""
    for source, dest in pairs:
        over = there(call.disk, call.at(dest)) and there(call.disk, call.at(source))
        asked += f"{tool}: overwrite '{dest}'? " if over else ""
        kept += [(source, dest)] if not over or next(answers, "").lower().startswith("y") else []
    return kept, asked


def _link(call: Call, target: str, name: str, flags: dict[str, str]) -> tuple[str, str]:
    soft, disk, path = "s" in flags, call.disk, call.at(name)
    shown = f"{'symbolic' if soft else 'hard'} link '{name}'" + ("" if soft else f" => '{target}'")
    if not soft:
        try:
            if disk.stat(call.at(target)).kind == "directory":
                return "", f"ln: {target}: hard link not allowed for directory\n"
        except OSError as failure:
            return "", f"ln: failed to access '{target}': {failure.strerror}\n"
    try:
        if "f" in flags and there(disk, path):
            if not soft and disk.node(path) is disk.node(call.at(target)):
                return "", f"ln: '{target}' and '{name}' are the same file\n"
            disk.remove(path)
        if soft:
            disk.symlink(target, path)
        else:
            disk.link(call.at(target), path)
    except OSError as failure:
        return (
            "",
            f"ln: failed to create {shown if soft or not isinstance(failure, FileExistsError) else shown.partition(' =>')[0]}: {failure.strerror}\n",
        )
    return (f"'{name}' {'->' if soft else '=>'} '{target}'\n" if "v" in flags else ""), ""


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


def there(disk: Disk, path: str) -> bool:
    """Whether something has this name; a link to nowhere counts."""
    try:
        disk.stat(path)
    except OSError:
        return False
    return True


def _is_dir(disk: Disk, path: str, plain: bool = False) -> bool:
    try:
        return (disk.stat(path) if plain else disk.node(path).info()).kind == "directory"
    except OSError:
        return False
