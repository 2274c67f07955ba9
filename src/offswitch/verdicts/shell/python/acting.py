"""Functions of Python's library that act on files, and what writes to an open one."""

import posixpath
from collections.abc import Callable
from typing import Any

from offswitch.verdicts.shell import disk
from offswitch.verdicts.shell.marks import UNKNOWN
from offswitch.verdicts.shell.python.values import Args, File, Words, shown
from offswitch.verdicts.shell.ran import Effect
from offswitch.verdicts.shell.state import Shell


def act(shell: Shell, *effects: Effect) -> None:
    """Tell effects of Python's own doing."""
    disk.done(("python3",), effects, shell)


def argument(args: Args, words: Words, at: int, *names: str) -> str:
    """A function's argument by its place or name, as text."""
    given = args[at] if len(args) > at else next((words[n] for n in names if n in words), "")
    return shown(given)


def remove(args: Args, words: Words, shell: Shell) -> None:
    """`os.remove` and its like, `shutil.rmtree`."""
    act(shell, Effect("remove", shell.path(argument(args, words, 0, "path"))))


def onto(kind: str) -> Callable[[Args, Words, Shell], Any]:
    """`os.rename`, `shutil.move`, `shutil.copy` and their like: to a name, or into a folder."""

    def read(args: Args, words: Words, shell: Shell) -> Any:
        source, target = shell.path(argument(args, words, 0, "src")), shell.path(argument(args, words, 1, "dst"))
        if shell.is_folder(shell.follow(target)) and target not in shell.known:
            target = posixpath.join(target, posixpath.basename(source))
        act(shell, Effect(kind, source, target))
        return target

    return read


def symlink(args: Args, words: Words, shell: Shell) -> None:
    """`os.symlink`."""
    act(shell, Effect("link", shell.path(argument(args, words, 1, "dst")), argument(args, words, 0, "src")))


def chmod(args: Args, words: Words, shell: Shell) -> None:
    """`os.chmod`."""
    mode = args[1] if len(args) > 1 else words.get("mode", UNKNOWN)
    act(shell, Effect("chmod", shell.target(argument(args, words, 0, "path")), content=mode_text(mode)))


def mode_text(mode: Any) -> str:
    """Return a mode as `chmod` is given it."""
    return f"{mode & 0o7777:o}".zfill(3) if isinstance(mode, int) else UNKNOWN


def chown(args: Args, words: Words, shell: Shell) -> None:
    """`os.chown`."""
    act(shell, Effect("chmod", shell.target(argument(args, words, 0, "path")), content="chown"))


def truncate(args: Args, words: Words, shell: Shell) -> None:
    """`os.truncate`."""
    act(shell, Effect("write", shell.target(argument(args, words, 0, "path"))))


def opened(args: Args, words: Words, shell: Shell) -> File:
    """`open`: with `w` or `x` the file is emptied at once."""
    path, mode = shell.target(argument(args, words, 0, "file")), argument(args, words, 1, "mode") or "r"
    if "w" in mode or "x" in mode:
        act(shell, Effect("write", path, content="", opens=True))
    return File(path, mode, "" if "a" not in mode else shell.texts(path))


def opened_low(args: Args, words: Words, shell: Shell) -> File:
    """`os.open`: with `O_TRUNC` the file is emptied at once."""
    flags = args[1] if len(args) > 1 else None
    path = shell.target(argument(args, words, 0))
    if isinstance(flags, int) and flags & 0o1000:
        act(shell, Effect("write", path, content=""))
    return File(path, "r+" if isinstance(flags, int) and flags & 3 else "r")


def write(file: File, text: str, shell: Shell) -> None:
    """Write to an open file; one that is open for reading takes nothing."""
    if any(c in file.mode for c in "wax+"):
        file.written = (file.written + text)[:65_536]
        act(shell, Effect("write", file.path, content=file.written))


def dumped(args: Args, words: Words, shell: Shell) -> None:
    """`json.dump` and its like."""
    if len(args) > 1 and isinstance(args[1], File):
        write(args[1], UNKNOWN, shell)


def copied(args: Args, words: Words, shell: Shell) -> None:
    """`shutil.copyfileobj`."""
    if len(args) > 1 and isinstance(args[0], File) and isinstance(args[1], File):
        write(args[1], shell.texts(args[0].path), shell)


def inplace(args: Args, words: Words, shell: Shell) -> list[Any]:
    """`fileinput.input(…, inplace=True)`: what is printed becomes the file."""
    if words.get("inplace"):
        names = args[0] if args else words.get("files", "")
        act(shell, *(Effect("edit", shell.path(shown(n))) for n in (names if isinstance(names, list) else [names])))
    return [UNKNOWN]
