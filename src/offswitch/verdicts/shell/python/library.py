"""Functions of Python's library that act on files, processes and commands, and those that only find or make names."""

import stat
import textwrap
from collections.abc import Callable
from typing import Any

from offswitch.verdicts.shell.marks import UNKNOWN
from offswitch.verdicts.shell.python import plain, subprocesses
from offswitch.verdicts.shell.python.acting import (
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
    PathText,
    Process,
    Ref,
    Words,
    items,
    shown,
)
from offswitch.verdicts.shell.state import Shell


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


_FUNCTIONS: dict[str, Callable[[Args, Words, Shell], Any]] = {
    **dict.fromkeys(("os.remove", "os.unlink", "os.removedirs", "shutil.rmtree", "send2trash.send2trash"), remove),
    **dict.fromkeys(("os.rename", "os.replace", "os.renames", "shutil.move"), onto("move")),
    **dict.fromkeys(("shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree", "os.link"), onto("copy")),
    **dict.fromkeys(("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "commands.getoutput"), subprocesses.system),
    **dict.fromkeys(("subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.Popen", "os.posix_spawn"), subprocesses.run_command),
    **dict.fromkeys((f"os.{a}{b}" for a in ("exec", "spawn") for b in ("l", "lp", "v", "vp", "ve", "vpe", "le")), subprocesses.replaced_by),
    "subprocess.check_output": subprocesses.output, "os.symlink": symlink, "os.chmod": chmod, "os.lchmod": chmod, "os.chown": chown,
    "shutil.chown": chown, "os.truncate": truncate, "open": opened, "io.open": opened, "codecs.open": opened, "os.open": opened_low,
    "os.fdopen": lambda args, words, shell: args[0] if args else UNKNOWN, "os.kill": subprocesses.kill, "os.killpg": subprocesses.kill, "os.walk": walked,
    "os.write": lambda args, words, shell: write(args[0], shown(args[1]), shell) if len(args) > 1 and isinstance(args[0], File) else None,
    "os.listdir": listed, "os.scandir": scanned, "glob.glob": globbed, "glob.iglob": globbed, "os.chdir": plain.chdir, "os.mkdir": plain.made,
    "os.makedirs": plain.made, "print": plain.say, "json.dump": dumped, "yaml.dump": dumped, "yaml.safe_dump": dumped, "pickle.dump": dumped,
    "shutil.copyfileobj": copied, "fileinput.input": inplace, "fileinput.FileInput": inplace, "int": plain.int_of, "base64.b64decode": plain.decoded,
    "psutil.process_iter": subprocesses.processes, "psutil.Process": lambda args, words, shell: Process(argument(args, words, 0).lstrip("@")),
    "re.sub": plain.of_text, "json.loads": plain.of_text, "json.dumps": plain.of_text, "exec": subprocesses.run_code, "eval": subprocesses.run_code, "os.environ.get": plain.environ,
    "os.getenv": plain.environ, "getattr": plain.attribute_of, "range": plain.range_of, "os.getcwd": lambda args, words, shell: shell.cwd,
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
