"""File modes as a real disk keeps them, over one that does not.

bashkit gives a file mode 644 whenever it is written, and lets anyone read it. So the modes of the machine's own files and
of those that the agent changed are kept here: `settle` puts back what a write took away, and a file that its owner may no
longer read is emptied until it may be read again (whoever sources or runs it gets nothing, as on a real disk).
"""

import posixpath
import re

from bashkit import BuiltinContext, FileSystem

from offswitch.worlds.machine.processes import Result

_CLAUSE = re.compile(r"([ugoa]*)((?:[+=-](?:[rwxXst]*|[ugo]))+)")
_BITS, _WHO = {"r": 4, "w": 2, "x": 1}, {"u": 6, "g": 3, "o": 0}


class Modes:
    """The wanted mode of each file that has one, and the content of those that nobody may read."""

    def __init__(self, agents: tuple[str, ...]) -> None:
        """`agents`: the folders that belong to the agent; everything else is root's."""
        self._agents = agents
        self._wanted: dict[str, int] = {}
        self._hidden: dict[str, bytes] = {}

    def owns(self, path: str) -> bool:
        """Whether the agent may change a path."""
        return any(path == root or path.startswith(f"{root}/") for root in self._agents)

    def wanted(self, fs: FileSystem, path: str) -> int:
        """The mode that a file has for everyone to see."""
        return self._wanted.get(path, int(fs.stat(path)["mode"]) & 0o7777)

    def know(self, path: str, mode: int) -> None:
        """Take note of a mode that a file has."""
        self._wanted[path] = mode

    def change(self, fs: FileSystem, path: str, mode: int) -> None:
        """Give a file a mode; taking the owner's right to read hides its content, giving it back shows it."""
        fs.chmod(path, mode)
        if fs.stat(path)["file_type"] != "file":
            return
        if not mode & 0o400 and path not in self._hidden:
            self._hidden[path] = fs.read_file(path)
            fs.write_file(path, b"")
        elif mode & 0o400 and path in self._hidden:
            content = self._hidden.pop(path)
            if not fs.read_file(path):
                fs.write_file(path, content)
        self._wanted[path] = mode
        fs.chmod(path, mode)

    def settle(self, fs: FileSystem) -> None:
        """Put back the modes that writing took away; forget files that are gone."""
        for path, mode in list(self._wanted.items()):
            try:
                info = fs.stat(path)
            except Exception:  # bashkit raises a bare Exception for a missing path
                info = None
            if info is None or info["file_type"] != "file":
                del self._wanted[path]
                self._hidden.pop(path, None)
            elif int(info["mode"]) & 0o7777 != mode:
                fs.chmod(path, mode)

    def moved(self, old: str, new: str, mode: int | None) -> None:
        """Follow a file, or all that a folder holds, to its new name; `mode` is that of a moved file, None of a folder."""
        for path in [p for p in self._wanted if p == old or p.startswith(f"{old}/")]:
            self._wanted[new + path[len(old) :]] = self._wanted.pop(path)
        for path in [p for p in self._hidden if p == old or p.startswith(f"{old}/")]:
            self._hidden[new + path[len(old) :]] = self._hidden.pop(path)
        if mode is not None:
            self._wanted[new] = mode


def chmod(ctx: BuiltinContext, modes: Modes) -> Result:
    """`chmod [-Rvcf] MODE|--reference=FILE FILE...`, octal or symbolic."""
    words = [
        a
        for a in ctx.argv
        if a == "-" or not re.fullmatch(r"-[Rvcf]+|--(recursive|verbose|changes|silent|quiet)|--", a)
    ]
    deep = any(re.fullmatch(r"-[vcf]*R[vcfR]*|--recursive", a) for a in ctx.argv)
    given = next((a for a in words if a.startswith("--reference=")), None)
    files = [a for a in words if a is not given]
    wanted = given or (files.pop(0) if files else "")
    if not files:
        return (
            "",
            f"chmod: missing operand{f' after ‘{wanted}’' if wanted else ''}\nTry 'chmod --help' for more information.\n",
            1,
        )
    if given:
        model = _absolute(ctx, given.partition("=")[2])
        if not ctx.fs.exists(model):
            return "", f"chmod: failed to get attributes of '{given.partition('=')[2]}': No such file or directory\n", 1
        wanted = f"{modes.wanted(ctx.fs, model):o}"
    if _new_mode(wanted, 0, False) is None:
        return "", f"chmod: invalid mode: ‘{wanted}’\nTry 'chmod --help' for more information.\n", 1
    err = "".join(_chmod_one(ctx, modes, name, wanted, deep) for name in files)
    return "", err, 1 if err else 0


def _chmod_one(ctx: BuiltinContext, modes: Modes, name: str, wanted: str, deep: bool) -> str:
    path = _absolute(ctx, name)
    if not ctx.fs.exists(path):
        return f"chmod: cannot access '{name}': No such file or directory\n"
    path = _followed(ctx.fs, path)
    if not modes.owns(path):
        return f"chmod: changing permissions of '{name}': Operation not permitted\n"
    folder = ctx.fs.stat(path)["file_type"] == "directory"
    mode = _new_mode(wanted, modes.wanted(ctx.fs, path), folder)
    modes.change(ctx.fs, path, mode or 0)
    if not (deep and folder):
        return ""
    return "".join(
        _chmod_one(ctx, modes, f"{name.rstrip('/')}/{e['name']}", wanted, deep) for e in ctx.fs.read_dir(path)
    )


def _new_mode(text: str, old: int, folder: bool) -> int | None:
    """Return the mode that a MODE operand asks for; None if it is none."""
    if re.fullmatch(r"[0-7]{1,4}", text):
        return int(text, 8)
    mode = old
    for clause in text.split(","):
        found = _CLAUSE.fullmatch(clause)
        if not found:
            return None
        who = "ugo" if not found[1] or "a" in found[1] else found[1]
        for sign, letters in re.findall(r"([+=-])([rwxXstugo]*)", found[2]):
            mode = _apply(mode, who, sign, letters, folder)
    return mode


def _apply(mode: int, who: str, sign: str, letters: str, folder: bool) -> int:
    for person in who:
        shift, bits = _WHO[person], 0
        for letter in letters:
            if letter in _WHO:
                bits |= mode >> _WHO[letter] & 7
            elif letter != "X" or folder or mode & 0o111:
                bits |= _BITS.get("x" if letter == "X" else letter, 0)
        if sign == "=":
            mode &= ~(7 << shift)
        mode = mode & ~(bits << shift) if sign == "-" else mode | bits << shift
    return mode


def _followed(fs: FileSystem, path: str) -> str:
    """Follow links to a file, a few at most."""
    for _ in range(8):
        if fs.stat(path)["file_type"] != "symlink":
            break
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), str(fs.read_link(path))))
        if not fs.exists(path):
            break
    return path


def _absolute(ctx: BuiltinContext, name: str) -> str:
    return posixpath.normpath(posixpath.join(ctx.cwd, name))
