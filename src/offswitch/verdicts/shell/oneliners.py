"""Plain reading of Perl, Ruby, JavaScript, PHP and awk: calls of functions that act on files, with the texts they are given.

A script is cut into texts, names, numbers and signs; a function's name counts only outside of texts and comments. A name
that was set to one text is that text. Everything else (loops, joined texts, computed names) is unknown, and no act.
"""

import re
from collections.abc import Sequence

from offswitch.verdicts.shell import disk, walk
from offswitch.verdicts.shell.oneliner_effects import KINDS, OWNERS, effects_of
from offswitch.verdicts.shell.ran import Effect
from offswitch.verdicts.shell.state import Shell
from offswitch.verdicts.shell.tokens import Token, arguments, assigned, literal, owned, tokenised

_LONGEST = 20_000
_RUNS = (
    "system",
    "exec",
    "execSync",
    "spawn",
    "spawnSync",
    "exec",
    "shell_exec",
    "passthru",
    "popen",
    "execFileSync",
    "qx",
)


def run_oneliner(language: str, source: str, argv: Sequence[str], shell: Shell) -> None:
    """Read a script in one of these languages; one that is too long is noted as unread."""
    if len(source) > _LONGEST:
        shell.unread["it is longer than can be read"] = None
        return
    tokens = tokenised(source)
    names = assigned(tokens)
    for i, (kind, word) in enumerate(tokens):
        if not shell.step():
            return
        if kind == "text" and ((word.startswith("`") and language != "node") or word.startswith(("qx", "%x"))):
            _script(literal(word, names), shell)
        elif kind == "name" and _is_function(tokens, i, language):
            _call(language, word, arguments(tokens, i + 1, names), shell)
        elif (kind, word) in (("sign", ">"), ("sign", ">>")) and language == "awk" and i + 1 < len(tokens):
            _redirected(tokens[: i + 2], names, shell)


def _is_function(tokens: Sequence[Token], at: int, language: str) -> bool:
    """Whether a name is called, and not a method of something else."""
    owner, last = owned(tokens[at][1])
    if last not in KINDS and last not in _RUNS and last != "open":
        return False
    behind_dot = at > 0 and tokens[at - 1][1] == "."
    sub = at > 0 and tokens[at - 1][1] in ("sub", "def", "function")
    return not sub and (behind_dot or not owner or owner in OWNERS) and not tokens[at][1].startswith(("$", "@"))


def _script(script: str, shell: Shell) -> str:
    with shell.child(), shell.capture() as out:
        walk.run_script(script, shell)
    return "".join(out)


def _call(language: str, name: str, args: list[str], shell: Shell) -> None:
    owner, last = owned(name)
    given = [_script(a[1:], shell).strip() if a.startswith("`") else a for a in args]
    if last in _RUNS:
        _script(" ".join(given) if len(given) > 1 else given[0] if given else "", shell)
    elif last == "open":
        _opened(given, shell)
    elif effects := effects_of(language, KINDS[last], owner, last, given, shell):
        disk.done((language,), effects, shell)


def _opened(args: list[str], shell: Shell) -> None:
    """`open`: Perl's `open(F, ">", FILE)` and `open(F, ">FILE")`, Ruby's `File.open(FILE, "w")`."""
    if len(args) > 2 and args[1].strip()[:1] in (">", "+"):
        disk.done(("perl",), [Effect("write", shell.target(args[2]))], shell)
    elif len(args) == 2 and args[1].startswith(">"):
        disk.done(("perl",), [Effect("write", shell.target(args[1].lstrip("> ")))], shell)
    elif len(args) > 1 and re.fullmatch(r"[wa]b?\+?|r\+", args[1]):
        disk.done(("ruby",), [Effect("write", shell.target(args[0]))], shell)
    elif len(args) > 1 and args[1].strip().startswith("|"):
        _script(args[1].strip(" |"), shell)


def _redirected(tokens: Sequence[Token], names: dict[str, str], shell: Shell) -> None:
    """awk's `print … > "FILE"`."""
    statement = [word for _, word in tokens[-12:]]
    if tokens[-1][0] == "text" and any(w in ("print", "printf") for w in statement):
        disk.done(("awk",), [Effect("write", shell.target(literal(tokens[-1][1], names)))], shell)
