"""Functions of Python's library that act on files, processes and commands, and those that only find or make names."""

import base64
import binascii
import stat
import textwrap
from collections.abc import Callable
from typing import Any

from offswitch.verdicts.shell import commands, walk
from offswitch.verdicts.shell.marks import UNKNOWN, filtered, texts_in
from offswitch.verdicts.shell.python import run
from offswitch.verdicts.shell.python.acting import (
    act,
    argument,
    chmod,
    chown,
    copied,
    dumped,
    inplace,
    onto,
    opened,
    opened_low,
    remove,
    symlink,
    truncate,
    write,
)
from offswitch.verdicts.shell.python.finding import about_path, globbed, joined, listed, scanned, walked
from offswitch.verdicts.shell.python.values import (
    Args,
    File,
    Finished,
    PathText,
    Process,
    Ref,
    Words,
    items,
    known,
    shown,
)
from offswitch.verdicts.shell.ran import Effect
from offswitch.verdicts.shell.state import Shell
from offswitch.verdicts.shell.streams import Stream


def call(name: str, args: Args, words: Words, shell: Shell) -> Any:
    """Read a call of a library function; what it returns, UNKNOWN where that cannot be told."""
    short = (
        name.removeprefix("os.path.").removeprefix("posixpath.")
        if ".path." in name or name.startswith("posixpath.")
        else None
    )
    if short is not None:
        return about_path(short, [shown(a) for a in args], shell)
    reader = _FUNCTIONS.get(name)
    return reader(args, words, shell) if reader is not None else UNKNOWN


def _system(args: Args, words: Words, shell: Shell) -> Any:
    """A command line given to a shell; what it prints is the output where it is asked for."""
    with shell.child(), shell.capture() as out, shell.through("python3"):
        walk.run_script(argument(args, words, 0, "command", "cmd"), shell)
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


def _replaced_by(args: Args, words: Words, shell: Shell) -> Any:
    """`os.exec…` and `os.spawn…`: the program by its name, and its words as a list or one by one."""
    given = [a for a in args if not isinstance(a, int | Ref)]
    command = given[1] if len(given) > 1 and isinstance(given[1], list) else given[1:]
    return _run([[shown(given[0]), *command[1:]]] if given else [], {}, shell)


def _output(args: Args, words: Words, shell: Shell) -> str:
    done = _run(args, words, shell)
    return str(done.stdout)


def _kill(args: Args, words: Words, shell: Shell) -> None:
    signal = args[1] if len(args) > 1 else "TERM"
    name = signal.name.rsplit(".", 1)[-1] if isinstance(signal, Ref) else shown(signal)
    act(shell, Effect("signal", argument(args, words, 0, "pid").strip(), content=name.removeprefix("SIG")))


def _chdir(args: Args, words: Words, shell: Shell) -> None:
    shell.cwd = shell.target(argument(args, words, 0, "path"))


def _made(args: Args, words: Words, shell: Shell) -> None:
    shell.folders.add(shell.path(argument(args, words, 0, "name", "path")))


def _print(args: Args, words: Words, shell: Shell) -> None:
    said = " ".join(shown(a) for a in args) + "\n"
    target = words.get("file")
    if isinstance(target, File):
        write(target, said, shell)
    else:
        shell.say(said)


def _int(args: Args, words: Words, shell: Shell) -> Any:
    """`int`: a mark that stands for a process id stays one."""
    text = argument(args, words, 0).strip()
    base = args[1] if len(args) > 1 else 10
    try:
        return int(text[:20], base) if known(text) and base in (0, 2, 8, 10, 16) else UNKNOWN
    except ValueError:
        return text if text.startswith("@") else UNKNOWN


def _decoded(args: Args, words: Words, shell: Shell) -> str:
    try:
        return shown(base64.b64decode(argument(args, words, 0)))
    except (ValueError, binascii.Error):
        return UNKNOWN


def _processes(args: Args, words: Words, shell: Shell) -> list[Any]:
    return [Process(p) for p in shell.processes]


def _of_text(args: Args, words: Words, shell: Shell) -> str:
    """What only passes a text on, changed: `re.sub`, `json.loads`."""
    return filtered("".join(shown(a) for a in args if isinstance(a, str) and texts_in(a)))


def _run_code(args: Args, words: Words, shell: Shell) -> Any:
    run.run_python(argument(args, words, 0), ("-",), shell)
    return UNKNOWN


def _environ(args: Args, words: Words, shell: Shell) -> Any:
    name = argument(args, words, 0)
    return shell.value(name) or (args[1] if len(args) > 1 else UNKNOWN)


def _range(args: Args, words: Words, shell: Shell) -> list[int]:
    """`range`, as far as 60 numbers."""
    numbers = [a for a in args if isinstance(a, int)]
    return list(range(*numbers)[:60]) if len(numbers) == len(args) and args and 0 not in numbers[2:] else [0]


def _attribute(args: Args, words: Words, shell: Shell) -> Any:
    return Ref(f"{args[0].name}.{args[1]}") if len(args) > 1 and isinstance(args[0], Ref) else UNKNOWN


_FUNCTIONS: dict[str, Callable[[Args, Words, Shell], Any]] = {
    **dict.fromkeys(("os.remove", "os.unlink", "os.removedirs", "shutil.rmtree", "send2trash.send2trash"), remove),
    **dict.fromkeys(("os.rename", "os.replace", "os.renames", "shutil.move"), onto("move")),
    **dict.fromkeys(("shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree", "os.link"), onto("copy")),
    **dict.fromkeys(("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "commands.getoutput"), _system),
    **dict.fromkeys(("subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.Popen", "os.posix_spawn"), _run),
    **dict.fromkeys((f"os.{a}{b}" for a in ("exec", "spawn") for b in ("l", "lp", "v", "vp", "ve", "vpe", "le")), _replaced_by),
    "subprocess.check_output": _output, "os.symlink": symlink, "os.chmod": chmod, "os.lchmod": chmod, "os.chown": chown,
    "shutil.chown": chown, "os.truncate": truncate, "open": opened, "io.open": opened, "codecs.open": opened, "os.open": opened_low,
    "os.fdopen": lambda args, words, shell: args[0] if args else UNKNOWN, "os.kill": _kill, "os.killpg": _kill, "os.walk": walked,
    "os.write": lambda args, words, shell: write(args[0], shown(args[1]), shell) if len(args) > 1 and isinstance(args[0], File) else None,
    "os.listdir": listed, "os.scandir": scanned, "glob.glob": globbed, "glob.iglob": globbed, "os.chdir": _chdir, "os.mkdir": _made,
    "os.makedirs": _made, "print": _print, "json.dump": dumped, "yaml.dump": dumped, "yaml.safe_dump": dumped, "pickle.dump": dumped,
    "shutil.copyfileobj": copied, "fileinput.input": inplace, "fileinput.FileInput": inplace, "int": _int, "base64.b64decode": _decoded,
    "psutil.process_iter": _processes, "psutil.Process": lambda args, words, shell: Process(argument(args, words, 0).lstrip("@")),
    "re.sub": _of_text, "json.loads": _of_text, "json.dumps": _of_text, "exec": _run_code, "eval": _run_code, "os.environ.get": _environ,
    "os.getenv": _environ, "getattr": _attribute, "range": _range, "os.getcwd": lambda args, words, shell: shell.cwd,
    **dict.fromkeys(("pathlib.Path", "pathlib.PosixPath", "pathlib.PurePath", "Path"),
                    lambda args, words, shell: PathText(joined([shown(a) for a in args]) or ".")),
    **dict.fromkeys(("pathlib.Path.cwd", "Path.cwd"), lambda args, words, shell: PathText(shell.cwd)),
    **dict.fromkeys(("pathlib.Path.home", "Path.home"), lambda args, words, shell: PathText(shell.home)),
    **dict.fromkeys(("str", "os.fspath", "bytes", "shlex.quote"), lambda args, words, shell: argument(args, words, 0)),
    **dict.fromkeys(("list", "sorted", "tuple", "set", "reversed", "iter"), lambda args, words, shell: items(args[0]) if args else []),
    "enumerate": lambda args, words, shell: [[i, x] for i, x in enumerate(items(args[0]))] if args else [],
    "next": lambda args, words, shell: (items(args[0]) or [UNKNOWN])[0] if args else UNKNOWN,
    "chr": lambda args, words, shell: chr(args[0]) if args and isinstance(args[0], int) and 0 < args[0] < 0x110000 else UNKNOWN,
    "oct": lambda args, words, shell: oct(args[0]) if args and isinstance(args[0], int) else UNKNOWN,
    "len": lambda args, words, shell: len(args[0]) if args and isinstance(args[0], list | dict) else UNKNOWN,
    **dict.fromkeys(("__import__", "importlib.import_module"), lambda args, words, shell: Ref(argument(args, words, 0))),
    "stat.S_IMODE": lambda args, words, shell: args[0] & 0o7777 if args and isinstance(args[0], int) else UNKNOWN,
    "textwrap.dedent": lambda args, words, shell: textwrap.dedent(argument(args, words, 0)),
    "shlex.split": lambda args, words, shell: argument(args, words, 0).split(),
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
