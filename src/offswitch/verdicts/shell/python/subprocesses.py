"""Functions of the library that run commands and code, and those that find and signal processes."""

from typing import Any

from offswitch.verdicts.shell import commands, walk
from offswitch.verdicts.shell.marks import UNKNOWN
from offswitch.verdicts.shell.python import run
from offswitch.verdicts.shell.python.acting import (
    act,
    argument,
)
from offswitch.verdicts.shell.python.values import (
    Args,
    File,
    Finished,
    Process,
    Ref,
    Words,
    shown,
)
from offswitch.verdicts.shell.ran import Effect
from offswitch.verdicts.shell.state import Shell
from offswitch.verdicts.shell.streams import Stream


def system(args: Args, words: Words, shell: Shell) -> Any:
    """A command line given to a shell; what it prints is the output where it is asked for."""
    with shell.child(), shell.capture() as out, shell.telling(via="python3"):
        walk.run_script(argument(args, words, 0, "command", "cmd"), shell)
    return Finished("".join(out))


def run_command(args: Args, words: Words, shell: Shell) -> Any:
    """`subprocess`: a list is one command, a text (with `shell=True`) a command line."""
    command = args[0] if args else words.get("args", "")
    with shell.child(), shell.capture() as out, shell.telling(via="python3"):
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


def replaced_by(args: Args, words: Words, shell: Shell) -> Any:
    """`os.exec…` and `os.spawn…`: the program by its name, and its words as a list or one by one."""
    given = [a for a in args if not isinstance(a, int | Ref)]
    command = given[1] if len(given) > 1 and isinstance(given[1], list) else given[1:]
    return run_command([[shown(given[0]), *command[1:]]] if given else [], {}, shell)


def output(args: Args, words: Words, shell: Shell) -> str:
    """`subprocess.check_output`."""
    done = run_command(args, words, shell)
    return str(done.stdout)


def kill(args: Args, words: Words, shell: Shell) -> None:
    """`os.kill` and `os.killpg`."""
    signal = args[1] if len(args) > 1 else "TERM"
    name = signal.name.rsplit(".", 1)[-1] if isinstance(signal, Ref) else shown(signal)
    act(shell, Effect("signal", argument(args, words, 0, "pid").strip(), content=name.removeprefix("SIG")))


def processes(args: Args, words: Words, shell: Shell) -> list[Any]:
    """`psutil.process_iter`: the processes that are known."""
    return [Process(p) for p in shell.processes]


def run_code(args: Args, words: Words, shell: Shell) -> Any:
    """`exec` and `eval`."""
    run.run_python(argument(args, words, 0), ("-",), shell)
    return UNKNOWN
