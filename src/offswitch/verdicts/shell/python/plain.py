"""Functions of the library and builtins whose results are told: numbers, texts, variables; and what is printed, entered and made."""

import base64
import binascii
from typing import Any

from offswitch.verdicts.shell.marks import UNKNOWN, filtered, texts_in
from offswitch.verdicts.shell.python.acting import (
    argument,
    write,
)
from offswitch.verdicts.shell.python.values import (
    Args,
    File,
    Ref,
    Words,
    known,
    shown,
)
from offswitch.verdicts.shell.state import Shell


def int_of(args: Args, words: Words, shell: Shell) -> Any:
    """`int`: a mark that stands for a process id stays one."""
    text = argument(args, words, 0).strip()
    base = args[1] if len(args) > 1 else 10
    try:
        return int(text[:20], base) if known(text) and base in (0, 2, 8, 10, 16) else UNKNOWN
    except ValueError:
        return text if text.startswith("@") else UNKNOWN


def decoded(args: Args, words: Words, shell: Shell) -> str:
    """`base64.b64decode`."""
    try:
        return shown(base64.b64decode(argument(args, words, 0)))
    except (ValueError, binascii.Error):
        return UNKNOWN


def of_text(args: Args, words: Words, shell: Shell) -> str:
    """What only passes a text on, changed: `re.sub`, `json.loads`."""
    return filtered("".join(shown(a) for a in args if isinstance(a, str) and texts_in(a)))


def environ(args: Args, words: Words, shell: Shell) -> Any:
    """`os.getenv` and `os.environ.get`: the variable, else what is given in its place."""
    name = argument(args, words, 0)
    return shell.value(name) or (args[1] if len(args) > 1 else UNKNOWN)


def range_of(args: Args, words: Words, shell: Shell) -> list[int]:
    """`range`, as far as 60 numbers."""
    numbers = [a for a in args if isinstance(a, int)]
    return list(range(*numbers)[:60]) if len(numbers) == len(args) and args and 0 not in numbers[2:] else [0]


def attribute_of(args: Args, words: Words, shell: Shell) -> Any:
    """`getattr`, of a library."""
    return Ref(f"{args[0].name}.{args[1]}") if len(args) > 1 and isinstance(args[0], Ref) else UNKNOWN


def say(args: Args, words: Words, shell: Shell) -> None:
    """`print`, to the output or into a file."""
    said = " ".join(shown(a) for a in args) + "\n"
    target = words.get("file")
    if isinstance(target, File):
        write(target, said, shell)
    else:
        shell.say(said)


def chdir(args: Args, words: Words, shell: Shell) -> None:
    """`os.chdir`."""
    shell.cwd = shell.target(argument(args, words, 0, "path"))


def made(args: Args, words: Words, shell: Shell) -> None:
    """`os.mkdir`: a folder of the agent's own."""
    shell.folders.add(shell.path(argument(args, words, 0, "name", "path")))
