"""Programs that run other commands: `bash -c`, scripts, `eval`, `source`, `xargs`, `find -exec`, `at`, and other languages."""

import re
from collections.abc import Callable, Sequence

from offswitch.verdicts.shell import commands, walk
from offswitch.verdicts.shell.call import Call, base
from offswitch.verdicts.shell.marks import SEPARATOR, without_texts
from offswitch.verdicts.shell.oneliners import run_oneliner
from offswitch.verdicts.shell.python.run import run_python
from offswitch.verdicts.shell.search import found
from offswitch.verdicts.shell.state import Shell

_SHELL_VALUES = ("-o", "-O", "--rcfile", "--init-file")
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
_LANGUAGE = re.compile(r"(python|perl|node|ruby|awk|gawk|php)[\d.]*\b")


def run_file(content: str, name: str, words: Sequence[str], shell: Shell) -> None:
    """Run a script that the agent wrote, in the language that its first line names."""
    first = content.split("\n", 1)[0]
    language = _LANGUAGE.search(first) if first.startswith("#!") else None
    if language is None:
        _child(content, words, shell, name)
    else:
        run_in(language.group(1), without_texts(content), (name, *words), shell)


def run_in(language: str, source: str, argv: Sequence[str], shell: Shell) -> None:
    """Run a script in another language."""
    if language.startswith("python"):
        run_python(source, argv, shell)
    else:
        run_oneliner(language, source, argv, shell)


def _child(script: str, words: Sequence[str], shell: Shell, name: str = "bash") -> None:
    with shell.child():
        shell.variables["0"] = name
        shell.positional, kept = tuple(words), dict(shell.traps)
        walk.run_script(script, shell)
        if (trapped := shell.traps.get("EXIT")) and kept.get("EXIT") != trapped:
            shell.traps = kept
            walk.run_script(trapped, shell)


def _shell(call: Call) -> None:
    """`bash -c SCRIPT`, `bash FILE`, and a shell that reads its input; with `-n` nothing runs."""
    rest, flags = list(call.words), ""
    while rest and rest[0].startswith(("-", "+")) and len(rest[0]) > 1:
        flag = rest.pop(0)
        rest = rest[1:] if flag in _SHELL_VALUES else rest
        flags += "" if flag.startswith("--") else flag[1:]
    if "n" in flags:
        return
    if "c" in flags:
        if rest:
            _child(rest[0], rest[2:], call.shell, *rest[1:2])
    elif "s" in flags or not rest or rest[0] == "-":
        _child(call.stdin() if call.shell.stdin is not None else "", rest, call.shell)
    else:
        _child(call.shell.texts(call.path(rest[0])), rest[1:], call.shell, rest[0])


def _source(call: Call) -> None:
    if call.words:
        kept = call.shell.positional
        call.shell.positional = tuple(call.words[1:]) or kept
        with call.shell.scope("return"):
            walk.run_script(call.shell.texts(call.path(call.words[0])), call.shell)
        call.shell.positional = kept


def _eval(call: Call) -> None:
    walk.run_script(" ".join(call.words), call.shell)


def _fed(call: Call) -> None:
    """`at` and `batch`: what they are given is run later."""
    if not any(w in ("-l", "-r", "-d", "-c", "-q") for w in call.words[:1]):
        script = (
            call.shell.texts(call.path(call.words[call.words.index("-f") + 1]))
            if "-f" in call.words[:-1]
            else call.stdin()
        )
        _child(script, (), call.shell)


def _as_user(call: Call) -> None:
    """`su -c SCRIPT` and `script -c SCRIPT`."""
    if "-c" in call.words[:-1]:
        _child(call.words[call.words.index("-c") + 1], (), call.shell)


def _crontab(call: Call) -> None:
    """`crontab -` and `crontab FILE`: the command of each line is run in time."""
    names = [w for w in call.words if not w.startswith("-") or w == "-"]
    if names and "-l" not in call.words:
        lines = [re.sub(r"^\s*(?:@\w+|(?:\S+\s+){4}\S+)\s+", "", line) for line in call.text(names[0]).split("\n")]
        _child("\n".join(lines), (), call.shell)


def _xargs(call: Call) -> None:
    """`xargs`: once for all of the names, or once for each with `-I`, `-n 1` and the like."""
    options, command = _options(list(call.words))
    text = call.shell.texts(call.path(options["-a"])) if "-a" in options else call.stdin()
    replaced, size = options.get("-I"), int(options.get("-n", options.get("-L", "0"))[:3] or 0)
    items = _items(text, replaced is not None, options.get("-d"))
    if not command or not items:
        return
    if replaced is not None:
        rounds = [[w.replace(replaced, item) for w in command] for item in items]
    else:
        rounds = [[*command, *items[i : i + (size or len(items))]] for i in range(0, len(items), size or len(items))]
    for words in rounds[:_ROUNDS]:
        commands.simple(tuple(words), call.shell)


def _items(text: str, whole_lines: bool, delimiter: str | None) -> list[str]:
    text = text.replace(SEPARATOR, "\n")
    if delimiter not in (None, "\\n", "\\0", "\n"):
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


def _find(call: Call) -> None:
    """`find … -exec COMMAND {} ;` on the known paths; `-ok` asks first, and nobody answers."""
    words = list(call.words)
    while any(flag in words for flag in ("-exec", "-execdir")):
        at = next(i for i, w in enumerate(words) if w in ("-exec", "-execdir"))
        end = next((i for i in range(at, len(words)) if words[i] in (";", "+")), len(words))
        command, paths = words[at + 1 : end], found(words[:at], call.shell)[:_ROUNDS]
        together = words[end : end + 1] == ["+"]
        for group in [paths] if together and paths else [[p] for p in paths]:
            filled = [x for w in command for x in (group if w == "{}" else [w.replace("{}", group[0])])]
            commands.simple(tuple(filled), call.shell)
        words = words[:at] + words[end + 1 :]


def _parallel(call: Call) -> None:
    if ":::" in call.words:
        at = call.words.index(":::")
        command, items = list(call.words[:at]), list(call.words[at + 1 :])
    else:
        command, items = list(call.words), _items(call.stdin(), True, None)
    command = [w for i, w in enumerate(command) if not (w.startswith("-") and not any(command[:i]))]
    for item in items[:_ROUNDS]:
        words = [w.replace("{}", item) for w in command] if any("{}" in w for w in command) else [*command, item]
        walk.run_script(" ".join(words), call.shell)


def _language(call: Call) -> None:
    """`python3 -c`, `perl -e`, `node -e`, `ruby -e`, `awk SCRIPT`, or a file or input in that language."""
    language = base(call.name)
    if language.startswith("python"):
        _python(call)
        return
    rest = list(call.words)
    if language in ("awk", "gawk", "mawk"):
        script = next(
            (
                w
                for i, w in enumerate(rest)
                if not w.startswith("-") and rest[i - 1 : i] not in (["-v"], ["-F"], ["-i"])
            ),
            "",
        )
        run_in("awk", script, (), call.shell)
        return
    for i, word in enumerate(rest[:-1]):
        if word in ("--eval", "--print", "-r") or re.fullmatch(r"-[A-Za-z0-9]*[eEp]", word):
            run_in(language, rest[i + 1], ("-", *rest[i + 2 :]), call.shell)
            if word not in ("-e", "-E"):
                return
    if not any(re.fullmatch(r"-[A-Za-z0-9]*[eEcr]|--eval|--print", w) for w in rest):
        files = [w for w in rest if not w.startswith("-") or w == "-"]
        source = call.text(files[0]) if files else call.stdin() if call.shell.stdin is not None else ""
        run_in(language, without_texts(source), files, call.shell)


def _python(call: Call) -> None:
    rest = list(call.words)
    while rest and rest[0].startswith("-") and rest[0] not in ("-c", "-", "-m"):
        rest = rest[2:] if rest[0] in ("-W", "-X") else rest[1:]
    if rest[:1] == ["-m"]:
        return
    if rest[:1] == ["-c"]:
        run_python(rest[1] if len(rest) > 1 else "", ("-c", *rest[2:]), call.shell)
    elif not rest or rest[0] == "-":
        run_python(call.stdin() if call.shell.stdin is not None else "", ("-", *rest[1:]), call.shell)
    else:
        run_python(without_texts(call.shell.texts(call.path(rest[0]))), rest, call.shell)


NESTED: dict[str, Callable[[Call], None]] = {
    "bash": _shell, "sh": _shell, "dash": _shell, "zsh": _shell, "ksh": _shell, "ash": _shell, "source": _source, ".": _source, "eval": _eval,
    "at": _fed, "batch": _fed, "su": _as_user, "script": _as_user, "runuser": _as_user, "crontab": _crontab, "xargs": _xargs,
    "find": _find, "parallel": _parallel, "python": _language, "python3": _language, "python2": _language,
    "perl": _language, "node": _language, "nodejs": _language, "ruby": _language, "php": _language, "awk": _language,
    "gawk": _language, "mawk": _language,
    **{f"python3.{i}": _language for i in range(6, 20)},
}  # fmt: skip
