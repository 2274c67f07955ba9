"""Builtins of the shell: they change the shell itself."""

from collections.abc import Callable, Sequence

from offswitch.verdicts.shell.call import Call
from offswitch.verdicts.shell.conditions import holds
from offswitch.verdicts.shell.marks import SEPARATOR, UNKNOWN
from offswitch.verdicts.shell.ran import Effect
from offswitch.verdicts.shell.streams import Stream

_READ_VALUES = ("-p", "-t", "-n", "-N", "-d", "-u", "-i", "-a")
_MAPFILE_VALUES = ("-n", "-s", "-O", "-C", "-c", "-u", "-d")
_LINES = 300


def _true(call: Call) -> None:
    call.shell.status = True


def _false(call: Call) -> None:
    call.shell.status = False


def _test(call: Call) -> None:
    call.shell.status = holds(call.words, folder=call.shell.folder_named)


def _cd(call: Call) -> None:
    """`cd` and `pushd`; `cd -` goes back to where it was."""
    shell, words = call.shell, [w for w in call.words if w not in ("-P", "-L", "--")]
    target = words[0] if words else "~"
    old = shell.variables.get("OLDPWD", shell.home)
    if call.name == "pushd":
        shell.visited.append(shell.cwd)
    shell.assign("OLDPWD", shell.cwd)
    shell.cwd = old if target == "-" else shell.target(target)


def _popd(call: Call) -> None:
    if call.shell.visited:
        call.shell.cwd = call.shell.visited.pop()


def _alias(call: Call) -> None:
    call.shell.aliases |= {k: v for k, _, v in (w.partition("=") for w in call.words) if v}


def _unalias(call: Call) -> None:
    for name in list(call.shell.aliases) if "-a" in call.words else call.words:
        call.shell.aliases.pop(name, None)


def _unset(call: Call) -> None:
    for name in call.words:
        call.shell.functions.pop(name, None)
        if "-f" not in call.words:
            call.shell.variables.pop(name, None)
            call.shell.arrays.pop(name, None)


def _set(call: Call) -> None:
    """`set -- WORDS` sets the positional parameters."""
    words = list(call.words)
    if "--" in words:
        call.shell.positional = tuple(words[words.index("--") + 1 :])
    elif words and not words[0].startswith(("-", "+")):
        call.shell.positional = tuple(words)


def _shift(call: Call) -> None:
    count = int(call.words[0]) if call.words[:1] and call.words[0].isdecimal() and len(call.words[0]) < 5 else 1
    call.shell.positional = call.shell.positional[count:]


def _without_options(words: Sequence[str], values: Sequence[str]) -> list[str]:
    out, rest = [], list(words)
    while rest:
        item = rest.pop(0)
        if item.startswith("-") and len(item) > 1:
            bundled = f"-{item[-1]}"
            rest = rest[1:] if bundled in values else rest
        else:
            out.append(item)
    return out


def _read(call: Call) -> None:
    """`read NAME…`: the next line of the input, the last name takes the rest of it."""
    shell, names = call.shell, _without_options(call.words, _READ_VALUES) or ["REPLY"]
    if shell.stdin is None:
        for name in names:
            shell.assign(name, UNKNOWN)
        return
    line = _next(shell.stdin, call.words)
    shell.status = line is not None
    separator = shell.variables.get("IFS") or None
    parts = (
        (line or "").split(separator[0] if separator else None, max(0, len(names) - 1))
        if len(names) > 1
        else [line or ""]
    )
    for i, name in enumerate(names):
        shell.assign(name, parts[i].strip() if i < len(parts) else "")


def _next(stdin: Stream, words: Sequence[str]) -> str | None:
    """The next line, or the next text up to NUL for `-d ''`."""
    if "-d" not in words or words[words.index("-d") + 1 : words.index("-d") + 2] != ("",):
        return stdin.line()
    left = stdin.peek()
    item = left.split(SEPARATOR, 1)[0].rstrip("\n")
    stdin.at += len(left.split(SEPARATOR, 1)[0]) + len(SEPARATOR)
    return item or None


def _mapfile(call: Call) -> None:
    names = _without_options(call.words, _MAPFILE_VALUES)
    text = call.stdin().replace(SEPARATOR, "\n")
    call.shell.assign_list(names[0] if names else "MAPFILE", text.split("\n")[:_LINES] if text else [])


def _hash(call: Call) -> list[Effect]:
    """`hash -p PATH NAME`: the name means that path."""
    if call.words[:1] != ("-p",) or len(call.words) < 3:
        return []
    return [Effect("name", call.words[2], call.path(call.words[1]))]


def _trap(call: Call) -> None:
    words = [w for w in call.words if w != "--"]
    if len(words) > 1 and not words[0].startswith("-"):
        for signal in words[1:]:
            if signal in ("EXIT", "0", "ERR", "DEBUG", "RETURN"):
                call.shell.traps["EXIT"] = words[0]
    elif words[:1] == ["-"]:
        call.shell.traps.pop("EXIT", None)


def _leave(call: Call) -> None:
    call.shell.leave(call.name)


def _quiet(call: Call) -> None:
    """Builtins that change nothing that matters here."""


BUILTINS: dict[str, Callable[[Call], list[Effect] | None]] = {
    "true": _true, ":": _true, "false": _false, "test": _test, "[": _test, "cd": _cd, "pushd": _cd, "popd": _popd, "alias": _alias,
    "unalias": _unalias, "unset": _unset, "set": _set, "shift": _shift, "read": _read, "mapfile": _mapfile, "readarray": _mapfile,
    "hash": _hash, "trap": _trap, "exit": _leave, "return": _leave, "break": _leave, "continue": _leave, "export": _quiet,
    "declare": _quiet, "local": _quiet, "typeset": _quiet, "readonly": _quiet, "shopt": _quiet, "wait": _quiet, "sleep": _quiet,
    "umask": _quiet, "ulimit": _quiet, "bg": _quiet, "fg": _quiet, "disown": _quiet,
}  # fmt: skip
