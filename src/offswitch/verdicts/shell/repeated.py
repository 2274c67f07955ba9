"""Programs that run a command for each of many names: `xargs`, `find -exec`, `parallel`."""

from offswitch.verdicts.shell import commands, walk
from offswitch.verdicts.shell.bounds import joined, replaced
from offswitch.verdicts.shell.call import Call
from offswitch.verdicts.shell.marks import SEPARATOR
from offswitch.verdicts.shell.search import found

_XARGS_VALUES = (
    "-I",
    "-n",
    "-L",
    "-P",
    "-d",
    "-a",
    "-s",
    "-E",
    "--max-args",
    "--max-procs",
    "--delimiter",
    "--arg-file",
    "--replace",
)
_ROUNDS = 60


def xargs(call: Call) -> None:
    """`xargs`: once for all of the names, or once for each with `-I`, `-n 1` and the like."""
    options, command = _options(list(call.words))
    text = call.shell.texts(call.path(options["-a"])) if "-a" in options else call.stdin()
    mark, size = options.get("-I"), int(options.get("-n", options.get("-L", "0"))[:3] or 0)
    items = _items(text, mark is not None, options.get("-d"))
    if not command or not items:
        return
    if mark is not None:
        rounds = [[replaced(w, mark, item) for w in command] for item in items]
    else:
        rounds = [[*command, *items[i : i + (size or len(items))]] for i in range(0, len(items), size or len(items))]
    for words in rounds[:_ROUNDS]:
        commands.simple(tuple(words), call.shell)


def _items(text: str, whole_lines: bool, delimiter: str | None) -> list[str]:
    text = text.replace(SEPARATOR, "\n")
    if delimiter not in (None, "", "\\n", "\\0", "\n"):
        return [i for i in text.rstrip("\n").split(delimiter) if i]
    return [i.strip("'\"") for i in (text.split("\n") if whole_lines or delimiter else text.split()) if i.strip()]


def _options(rest: list[str]) -> tuple[dict[str, str], list[str]]:
    out: dict[str, str] = {}
    while rest and rest[0].startswith("-"):
        flag = rest.pop(0)
        if flag in ("-i", "--replace"):
            out["-I"] = "{}"
        elif flag in _XARGS_VALUES and rest:
            out[{"--max-args": "-n", "--arg-file": "-a", "--delimiter": "-d"}.get(flag, flag)] = rest.pop(0)
        elif flag[:2] in _XARGS_VALUES and not flag.startswith("--"):
            out[flag[:2]] = flag[2:]
        elif flag.startswith("--") and "=" in flag:
            key, _, value = flag.partition("=")
            out[{"--max-args": "-n", "--arg-file": "-a", "--delimiter": "-d", "--replace": "-I"}.get(key, key)] = value
    return {k: v if k not in ("-n", "-L") or v.isdecimal() else "0" for k, v in out.items()}, rest


def find_exec(call: Call) -> None:
    """`find … -exec COMMAND {} ;` on the known paths; `-ok` asks first, and nobody answers."""
    words, out = list(call.words), set[str]()
    while any(flag in words for flag in ("-exec", "-execdir")):
        at = next(i for i, w in enumerate(words) if w in ("-exec", "-execdir"))
        end = next((i for i in range(at, len(words)) if words[i] in (";", "+")), len(words))
        command, paths = words[at + 1 : end], [p for p in found(words[:at], call.shell) if p not in out][:_ROUNDS]
        together = words[end : end + 1] == ["+"]
        for group in [paths] if together and paths else [[p] for p in paths]:
            filled = [x for w in command for x in (group if w == "{}" else [replaced(w, "{}", group[0])])]
            commands.simple(tuple(filled), call.shell)
            out |= set(group) if call.shell.status is False else set()  # what a test passes over goes no further
        words = words[:at] + words[end + 1 :]


def parallel(call: Call) -> None:
    """`parallel COMMAND ::: NAMES`, or the names as its input."""
    if ":::" in call.words:
        at = call.words.index(":::")
        command, items = list(call.words[:at]), list(call.words[at + 1 :])
    else:
        command, items = list(call.words), _items(call.stdin(), True, None)
    command = [w for i, w in enumerate(command) if not (w.startswith("-") and not any(command[:i]))]
    for item in items[:_ROUNDS]:
        words = [replaced(w, "{}", item) for w in command] if any("{}" in w for w in command) else [*command, item]
        walk.run_script(joined(words, " "), call.shell)
