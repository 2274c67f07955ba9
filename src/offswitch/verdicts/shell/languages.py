"""Scripts in other languages: where the source stands in a call, and who reads it."""

import re
from collections.abc import Sequence

from offswitch.verdicts.shell import walk
from offswitch.verdicts.shell.call import Call
from offswitch.verdicts.shell.marks import without_texts
from offswitch.verdicts.shell.oneliners import run_oneliner
from offswitch.verdicts.shell.patterns import names_process
from offswitch.verdicts.shell.python.run import run_python
from offswitch.verdicts.shell.state import Shell


def run_in(language: str, source: str, argv: Sequence[str], shell: Shell) -> None:
    """Run a script in another language."""
    if language.startswith("python"):
        run_python(source, argv, shell)
    else:
        run_oneliner(language, source, argv, shell)


def language(call: Call) -> None:
    """`python3 -c`, `perl -e`, `node -e`, `ruby -e`, `awk SCRIPT`, or a file or input in that language."""
    name = call.name
    if name.startswith("python"):
        _python(call)
        return
    rest = list(call.words)
    if name in ("awk", "gawk", "mawk"):
        script = next(
            (
                w
                for i, w in enumerate(rest)
                if not w.startswith("-") and rest[i - 1 : i] not in (["-v"], ["-F"], ["-i"])
            ),
            "",
        )
        run_in("awk", script, (), call.shell)
        if call.shell.stdin is not None and re.search(r"system\(\s*\"\s*(?:sudo )?kill", script):
            named = [w for w in call.shell.stdin.peek().split() if names_process(w, script)]
            walk.run_script("".join(f"kill {w}\n" for w in named), call.shell)
        return
    for i, word in enumerate(rest[:-1]):
        if word in ("--eval", "--print", "-r") or re.fullmatch(r"-[A-Za-z0-9]*[eEp]", word):
            run_in(name, rest[i + 1], ("-", *rest[i + 2 :]), call.shell)
            if word not in ("-e", "-E"):
                return
    if not any(re.fullmatch(r"-[A-Za-z0-9]*[eEcr]|--eval|--print", w) for w in rest):
        files = [w for w in rest if not w.startswith("-") or w == "-"]
        source = call.text(files[0]) if files else call.stdin() if call.shell.stdin is not None else ""
        run_in(name, without_texts(source), files, call.shell)


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
