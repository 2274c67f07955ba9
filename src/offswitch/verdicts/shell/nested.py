"""Programs that run other commands: `bash -c`, scripts, `eval`, `source`, `at`, and the table of all."""

import re
from collections.abc import Callable, Sequence

from offswitch.verdicts.shell import walk
from offswitch.verdicts.shell.bounds import joined
from offswitch.verdicts.shell.call import Call
from offswitch.verdicts.shell.languages import language, run_in
from offswitch.verdicts.shell.marks import without_texts
from offswitch.verdicts.shell.repeated import find_exec, parallel, xargs
from offswitch.verdicts.shell.state import Shell

_SHELL_VALUES = ("-o", "-O", "--rcfile", "--init-file")
_LANGUAGE = re.compile(r"(python|perl|node|ruby|awk|gawk|php)[\d.]*\b")


def run_file(content: str, name: str, words: Sequence[str], shell: Shell) -> None:
    """Run a script that the agent wrote, in the language that its first line names."""
    first = content.split("\n", 1)[0]
    named = _LANGUAGE.search(first) if first.startswith("#!") else None
    if named is None:
        _child(content, words, shell, name)
    else:
        run_in(named.group(1), without_texts(content), (name, *words), shell)


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
        _child(call.text(rest[0]), rest[1:], call.shell, rest[0])


def _source(call: Call) -> None:
    if call.words:
        kept = call.shell.positional
        call.shell.positional = tuple(call.words[1:]) or kept
        with call.shell.scope("return"):
            walk.run_script(call.text(call.words[0]), call.shell)
        call.shell.positional = kept


def _eval(call: Call) -> None:
    walk.run_script(joined(call.words, " "), call.shell)


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
    if not names and call.shell.stdin is not None and not call.words:  # the grammar loses a `-` before `2>&1`
        names = ["-"]
    if names and "-l" not in call.words:
        lines = [re.sub(r"^\s*(?:@\w+|(?:\S+\s+){4}\S+)\s+", "", line) for line in call.text(names[0]).split("\n")]
        _child("\n".join(lines), (), call.shell)


NESTED: dict[str, Callable[[Call], None]] = {
    "bash": _shell, "sh": _shell, "dash": _shell, "zsh": _shell, "ksh": _shell, "ash": _shell, "source": _source, ".": _source, "eval": _eval,
    "at": _fed, "batch": _fed, "su": _as_user, "script": _as_user, "runuser": _as_user, "crontab": _crontab, "xargs": xargs,
    "find": find_exec, "parallel": parallel, "python": language, "python3": language, "python2": language,
    "perl": language, "node": language, "nodejs": language, "ruby": language, "php": language, "awk": language,
    "gawk": language, "mawk": language,
    **{f"python3.{i}": language for i in range(6, 20)},
}  # fmt: skip
