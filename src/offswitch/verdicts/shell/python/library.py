"""Functions of Python's library that act on files, processes and commands, and those that only find or make names."""

import base64
import binascii
import posixpath
import stat
import textwrap
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from offswitch.verdicts.shell import commands, disk, walk
from offswitch.verdicts.shell.marks import UNKNOWN, filtered, texts_in
from offswitch.verdicts.shell.python import run
from offswitch.verdicts.shell.python.values import File, Finished, PathText, Process, Ref, items, known, shown
from offswitch.verdicts.shell.ran import Effect
from offswitch.verdicts.shell.state import Shell
from offswitch.verdicts.shell.streams import Stream

Args: TypeAlias = Sequence[Any]
Words: TypeAlias = dict[str, Any]


def act(shell: Shell, *effects: Effect) -> None:
    """Tell effects of Python's own doing."""
    disk.done(("python3",), effects, shell)


def joined(parts: Sequence[str]) -> str:
    """Return `os.path.join` of parts."""
    return posixpath.join(*parts) if parts else ""


def call(name: str, args: Args, words: Words, shell: Shell) -> Any:
    """Read a call of a library function; what it returns, UNKNOWN where that cannot be told."""
    short = (
        name.removeprefix("os.path.").removeprefix("posixpath.")
        if ".path." in name or name.startswith("posixpath.")
        else None
    )
    if short is not None:
        return _about_path(short, [shown(a) for a in args], shell)
    reader = _FUNCTIONS.get(name)
    return reader(args, words, shell) if reader is not None else UNKNOWN


def _text(args: Args, words: Words, at: int, *names: str) -> str:
    """A function's argument by its place or name, as text."""
    given = args[at] if len(args) > at else next((words[n] for n in names if n in words), "")
    return shown(given)


def _remove(args: Args, words: Words, shell: Shell) -> None:
    act(shell, Effect("remove", shell.path(_text(args, words, 0, "path"))))


def _two(kind: str) -> Callable[[Args, Words, Shell], Any]:
    def read(args: Args, words: Words, shell: Shell) -> Any:
        source, target = shell.path(_text(args, words, 0, "src")), shell.path(_text(args, words, 1, "dst"))
        if shell.is_folder(shell.follow(target)) and target not in shell.known:
            target = posixpath.join(target, posixpath.basename(source))
        act(shell, Effect(kind, source, target))
        return target

    return read


def _symlink(args: Args, words: Words, shell: Shell) -> None:
    act(shell, Effect("link", shell.path(_text(args, words, 1, "dst")), _text(args, words, 0, "src")))


def _chmod(args: Args, words: Words, shell: Shell) -> None:
    mode = args[1] if len(args) > 1 else words.get("mode", UNKNOWN)
    act(shell, Effect("chmod", shell.target(_text(args, words, 0, "path")), content=mode_text(mode)))


def mode_text(mode: Any) -> str:
    """Return a mode as `chmod` is given it."""
    return f"{mode & 0o7777:o}".zfill(3) if isinstance(mode, int) else UNKNOWN


def _chown(args: Args, words: Words, shell: Shell) -> None:
    act(shell, Effect("chmod", shell.target(_text(args, words, 0, "path")), content="chown"))


def _truncate(args: Args, words: Words, shell: Shell) -> None:
    act(shell, Effect("write", shell.target(_text(args, words, 0, "path"))))


def opened(args: Args, words: Words, shell: Shell) -> File:
    """`open`: with `w` or `x` the file is emptied at once."""
    path, mode = shell.target(_text(args, words, 0, "file")), _text(args, words, 1, "mode") or "r"
    if "w" in mode or "x" in mode:
        act(shell, Effect("write", path, content=""))
    return File(path, mode, "" if "a" not in mode else shell.texts(path))


def _os_open(args: Args, words: Words, shell: Shell) -> File:
    flags = args[1] if len(args) > 1 else None
    path = shell.target(_text(args, words, 0))
    if isinstance(flags, int) and flags & 0o1000:
        act(shell, Effect("write", path, content=""))
    return File(path, "r+" if isinstance(flags, int) and flags & 3 else "r")


def _system(args: Args, words: Words, shell: Shell) -> Any:
    """A command line given to a shell; what it prints is the output where it is asked for."""
    with shell.child(), shell.capture() as out, shell.through("python3"):
        walk.run_script(_text(args, words, 0, "command", "cmd"), shell)
    return Finished("".join(out))


def _run(args: Args, words: Words, shell: Shell) -> Any:
    """`subprocess`: a list is one command, a text (with `shell=True`) a command line."""
    command = args[0] if args else words.get("args", "")
    with shell.child(), shell.capture() as out, shell.through("python3"):
        if "cwd" in words:
            shell.cwd = shell.path(shown(words["cwd"]))
        shell.stdin = Stream(shown(words["input"])) if "input" in words else None
        if isinstance(command, list | tuple):
            commands.simple(tuple(shown(w) for w in command), shell)
        else:
            walk.run_script(shown(command), shell)
    target = words.get("stdout")
    if isinstance(target, File):
        act(shell, Effect("write", target.path, content="".join(out)))
    return Finished("".join(out))


def _output(args: Args, words: Words, shell: Shell) -> str:
    done = _run(args, words, shell)
    return str(done.stdout)


def _kill(args: Args, words: Words, shell: Shell) -> None:
    signal = args[1] if len(args) > 1 else "TERM"
    name = signal.name.rsplit(".", 1)[-1] if isinstance(signal, Ref) else shown(signal)
    act(shell, Effect("signal", _text(args, words, 0, "pid").strip(), content=name.removeprefix("SIG")))


def _about_path(name: str, args: list[str], shell: Shell) -> Any:
    """`os.path`: what joins or cuts names is known, what asks the disk is not."""
    first = args[0] if args else ""
    match name:
        case "join":
            return joined(args)
        case "basename":
            return posixpath.basename(first)
        case "dirname":
            return posixpath.dirname(first)
        case "abspath" | "normpath":
            return shell.path(first)
        case "realpath":
            return shell.target(first)
        case "expanduser":
            return shell.path(first) if first.startswith("~") else first
        case "splitext":
            return list(posixpath.splitext(first))
        case "split":
            return list(posixpath.split(first))
    return UNKNOWN


def _walked(args: Args, words: Words, shell: Shell) -> list[Any]:
    top = _text(args, words, 0, "top")
    paths = shell.beneath(shell.path(top))
    folders = sorted({posixpath.dirname(p) for p in paths})
    return [[f, [], [posixpath.basename(p) for p in paths if posixpath.dirname(p) == f]] for f in folders]


def _listdir(args: Args, words: Words, shell: Shell) -> list[Any]:
    return list(shell.inside(shell.path(_text(args, words, 0, "path") or ".")))


def _scandir(args: Args, words: Words, shell: Shell) -> list[Any]:
    folder = _text(args, words, 0, "path") or "."
    return [PathText(posixpath.join(folder, n)) for n in shell.inside(shell.path(folder))]


def _glob(args: Args, words: Words, shell: Shell) -> list[Any]:
    pattern = _text(args, words, 0, "pathname")
    if "**" in pattern:
        folder, _, last = pattern.partition("**")
        return [p for p in shell.beneath(shell.path(folder or ".")) if p in _matching(p, last.strip("/"))]
    return list(shell.glob(pattern))


def _matching(path: str, pattern: str) -> list[str]:
    from fnmatch import fnmatchcase

    return [path] if fnmatchcase(posixpath.basename(path), pattern or "*") else []


def below(folder: str, pattern: str, shell: Shell) -> list[PathText]:
    """`Path.rglob`."""
    return [PathText(p) for p in shell.beneath(shell.path(folder)) if _matching(p, pattern)]


def _chdir(args: Args, words: Words, shell: Shell) -> None:
    shell.cwd = shell.target(_text(args, words, 0, "path"))


def _made(args: Args, words: Words, shell: Shell) -> None:
    shell.folders.add(shell.path(_text(args, words, 0, "name", "path")))


def _print(args: Args, words: Words, shell: Shell) -> None:
    said = " ".join(shown(a) for a in args) + "\n"
    target = words.get("file")
    if isinstance(target, File):
        write(target, said, shell)
    else:
        shell.say(said)


def write(file: File, text: str, shell: Shell) -> None:
    """Write to an open file; one that is open for reading takes nothing."""
    if any(c in file.mode for c in "wax+"):
        file.written = (file.written + text)[:65_536]
        act(shell, Effect("write", file.path, content=file.written))


def _dumped(args: Args, words: Words, shell: Shell) -> None:
    if len(args) > 1 and isinstance(args[1], File):
        write(args[1], UNKNOWN, shell)


def _copied(args: Args, words: Words, shell: Shell) -> None:
    if len(args) > 1 and isinstance(args[0], File) and isinstance(args[1], File):
        write(args[1], shell.texts(args[0].path), shell)


def _inplace(args: Args, words: Words, shell: Shell) -> list[Any]:
    if words.get("inplace"):
        names = args[0] if args else words.get("files", "")
        act(shell, *(Effect("edit", shell.path(shown(n))) for n in (names if isinstance(names, list) else [names])))
    return [UNKNOWN]


def _int(args: Args, words: Words, shell: Shell) -> Any:
    """`int`: a mark that stands for a process id stays one."""
    text = _text(args, words, 0).strip()
    base = args[1] if len(args) > 1 else 10
    try:
        return int(text[:20], base) if known(text) and base in (0, 2, 8, 10, 16) else UNKNOWN
    except ValueError:
        return text if text.startswith("@") else UNKNOWN


def _decoded(args: Args, words: Words, shell: Shell) -> str:
    try:
        return shown(base64.b64decode(_text(args, words, 0)))
    except (ValueError, binascii.Error):
        return UNKNOWN


def _processes(args: Args, words: Words, shell: Shell) -> list[Any]:
    return [Process(p) for p in shell.processes]


def _of_text(args: Args, words: Words, shell: Shell) -> str:
    """What only passes a text on, changed: `re.sub`, `json.loads`."""
    return filtered("".join(shown(a) for a in args if isinstance(a, str) and texts_in(a)))


def _run_code(args: Args, words: Words, shell: Shell) -> Any:
    run.run_python(_text(args, words, 0), ("-",), shell)
    return UNKNOWN


def _environ(args: Args, words: Words, shell: Shell) -> Any:
    name = _text(args, words, 0)
    return shell.value(name) or (args[1] if len(args) > 1 else UNKNOWN)


def _attribute(args: Args, words: Words, shell: Shell) -> Any:
    return Ref(f"{args[0].name}.{args[1]}") if len(args) > 1 and isinstance(args[0], Ref) else UNKNOWN


_FUNCTIONS: dict[str, Callable[[Args, Words, Shell], Any]] = {
    **dict.fromkeys(("os.remove", "os.unlink", "os.removedirs", "shutil.rmtree", "send2trash.send2trash"), _remove),
    **dict.fromkeys(("os.rename", "os.replace", "os.renames", "shutil.move"), _two("move")),
    **dict.fromkeys(("shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree", "os.link"), _two("copy")),
    **dict.fromkeys(("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "commands.getoutput"), _system),
    **dict.fromkeys(("subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.Popen", "os.posix_spawn"), _run),
    "subprocess.check_output": _output, "os.symlink": _symlink, "os.chmod": _chmod, "os.lchmod": _chmod, "os.chown": _chown,
    "shutil.chown": _chown, "os.truncate": _truncate, "open": opened, "io.open": opened, "codecs.open": opened, "os.open": _os_open,
    "os.fdopen": lambda args, words, shell: args[0] if args else UNKNOWN, "os.kill": _kill, "os.killpg": _kill, "os.walk": _walked,
    "os.write": lambda args, words, shell: write(args[0], shown(args[1]), shell) if len(args) > 1 and isinstance(args[0], File) else None,
    "os.listdir": _listdir, "os.scandir": _scandir, "glob.glob": _glob, "glob.iglob": _glob, "os.chdir": _chdir, "os.mkdir": _made,
    "os.makedirs": _made, "print": _print, "json.dump": _dumped, "yaml.dump": _dumped, "yaml.safe_dump": _dumped, "pickle.dump": _dumped,
    "shutil.copyfileobj": _copied, "fileinput.input": _inplace, "fileinput.FileInput": _inplace, "int": _int, "base64.b64decode": _decoded,
    "psutil.process_iter": _processes, "psutil.Process": lambda args, words, shell: Process(_text(args, words, 0).lstrip("@")),
    "re.sub": _of_text, "json.loads": _of_text, "json.dumps": _of_text, "exec": _run_code, "eval": _run_code, "os.environ.get": _environ,
    "os.getenv": _environ, "getattr": _attribute, "os.getcwd": lambda args, words, shell: shell.cwd,
    **dict.fromkeys(("pathlib.Path", "pathlib.PosixPath", "pathlib.PurePath", "Path"),
                    lambda args, words, shell: PathText(joined([shown(a) for a in args]) or ".")),
    **dict.fromkeys(("pathlib.Path.cwd", "Path.cwd"), lambda args, words, shell: PathText(shell.cwd)),
    **dict.fromkeys(("pathlib.Path.home", "Path.home"), lambda args, words, shell: PathText(shell.home)),
    **dict.fromkeys(("str", "os.fspath", "bytes", "shlex.quote"), lambda args, words, shell: _text(args, words, 0)),
    **dict.fromkeys(("list", "sorted", "tuple", "set", "reversed", "iter"), lambda args, words, shell: items(args[0]) if args else []),
    "enumerate": lambda args, words, shell: [[i, x] for i, x in enumerate(items(args[0]))] if args else [],
    "next": lambda args, words, shell: (items(args[0]) or [UNKNOWN])[0] if args else UNKNOWN,
    "chr": lambda args, words, shell: chr(args[0]) if args and isinstance(args[0], int) and 0 < args[0] < 0x110000 else UNKNOWN,
    "oct": lambda args, words, shell: oct(args[0]) if args and isinstance(args[0], int) else UNKNOWN,
    "len": lambda args, words, shell: len(args[0]) if args and isinstance(args[0], list | dict) else UNKNOWN,
    **dict.fromkeys(("__import__", "importlib.import_module"), lambda args, words, shell: Ref(_text(args, words, 0))),
    "textwrap.dedent": lambda args, words, shell: textwrap.dedent(_text(args, words, 0)),
    "shlex.split": lambda args, words, shell: _text(args, words, 0).split(),
}  # fmt: skip


def constant(name: str) -> Any:
    """Return a library's constant that matters: bits of modes and of `os.open`; None for any other name."""
    module, _, last = name.partition(".")
    if module == "stat" and last.startswith("S_I"):
        held = getattr(stat, last, None)
        return held if isinstance(held, int) else None
    return {
        "os.O_WRONLY": 1,
        "os.O_RDWR": 2,
        "os.O_TRUNC": 0o1000,
        "os.O_CREAT": 0o100,
        "os.O_RDONLY": 0,
        "os.O_APPEND": 0o2000,
    }.get(name)
