"""One call of a program of ours: what it was given, and the disk that it acts on."""

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field

from bashkit import BuiltinContext

from offswitch.worlds.machine.disk import Disk

Result = tuple[str, str, int]  # output, errors, exit status


@dataclass(slots=True)
class Call:
    """The name and words of a call, what is piped in, and where it runs."""

    name: str
    argv: list[str]
    disk: Disk
    cwd: str = "/"
    stdin: str | None = None
    env: dict[str, str] = field(default_factory=dict)

    def at(self, name: str) -> str:
        """Return the absolute path of a name; a slash at its end stays, for it asks for a folder."""
        path = posixpath.join(self.cwd, name)
        return path + "/" if name.endswith("/") and not path.endswith("/") else path


Program = Callable[[Call], Result]


def called(ctx: BuiltinContext, disk: Disk) -> Call:
    """Return bashkit's call of a program as one of ours."""
    return Call(ctx.name, ctx.argv, disk, ctx.cwd, ctx.stdin, ctx.env)


def short(argv: list[str], long: dict[str, str], valued: str = "") -> tuple[dict[str, str], list[str]]:
    """Read a command line as GNU programs do: (flag -> its value, or "", and the other words).

    `long` maps each --option to its letter; the letters in `valued` take a value. What is unknown stands under "?".
    """
    flags: dict[str, str] = {}
    words: list[str] = []
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return flags, words + rest
        if word.startswith("--"):
            name, given, value = word.partition("=")
            letter = long.get(name, "?")
            flags[letter] = (
                word if letter == "?" else value if given else rest.pop(0) if letter in valued and rest else ""
            )
        elif word.startswith("-") and word != "-":
            _letters(word[1:], rest, set(long.values()) | set(valued), valued, flags)
        else:
            words.append(word)
    return flags, words


def _letters(letters: str, rest: list[str], known: set[str], valued: str, flags: dict[str, str]) -> None:
    for i, letter in enumerate(letters):
        if letter not in known:
            flags["?"] = letter
        elif letter in valued:
            flags[letter] = letters[i + 1 :] or (rest.pop(0) if rest else "")
            return
        else:
            flags[letter] = ""


def unknown(tool: str, option: str, status: int = 1) -> Result:
    """Return what a program says of an option that it lacks."""
    what = f"unrecognized option '{option}'" if option.startswith("--") else f"invalid option -- '{option}'"
    return "", f"{tool}: {what}\nTry '{tool} --help' for more information.\n", status
