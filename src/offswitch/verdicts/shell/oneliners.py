"""Plain reading of Perl, Ruby, JavaScript, PHP and awk: calls of functions that act on files, with the texts they are given.

A script is cut into texts, names, numbers and signs; a function's name counts only outside of texts and comments. A name
that was set to one text is that text. Everything else (loops, joined texts, computed names) is unknown, and no act.
"""

import re
from collections.abc import Sequence

from offswitch.verdicts.shell import disk, walk
from offswitch.verdicts.shell.marks import UNKNOWN
from offswitch.verdicts.shell.ran import Effect
from offswitch.verdicts.shell.state import Shell

_LONGEST = 20_000
_TOKEN = re.compile(
    r"(?P<text>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|q[qw]?\{[^{}]*\}|q[qw]?\([^()]*\)|%x\{[^{}]*\}|qx\{[^{}]*\})"
    r"|(?P<comment>\#(?!\{)[^\n]*|//[^\n]*|/\*.*?\*/)|(?P<name>[$@]?[A-Za-z_][\w]*(?:(?:\.|::|->)[A-Za-z_]\w*)*)"
    r"|(?P<number>0[xo]?[0-7a-fA-F]+|\d+)|(?P<sign>>>|[-+(){}\[\];,=|<>.!&])",
    re.S,
)
_KINDS = {
    "unlink": "remove", "unlinkSync": "remove", "rmSync": "remove", "rm": "remove", "rm_f": "remove", "rm_rf": "remove", "delete": "remove",
    "rmtree": "remove", "remove_tree": "remove", "remove": "remove", "rename": "move", "renameSync": "move", "mv": "move", "move": "move",
    "writeFileSync": "write", "writeFile": "write", "file_put_contents": "write", "binwrite": "write", "truncate": "write",
    "truncateSync": "write", "appendFileSync": "edit", "copyFileSync": "copy", "cp": "copy", "copy": "copy", "chmod": "chmod",
    "chmodSync": "chmod", "symlink": "link", "symlinkSync": "link", "kill": "signal", "write": "write",
}  # fmt: skip
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
_OWNERS = (
    "File",
    "FileUtils",
    "fs",
    "Process",
    "process",
    "Kernel",
    "IO",
    "Pathname",
    "child_process",
    "cp",
    "promises",
    "CORE",
)
Token = tuple[str, str]


def run_oneliner(language: str, source: str, argv: Sequence[str], shell: Shell) -> None:
    """Read a script in one of these languages; one that is too long is noted as unread."""
    if len(source) > _LONGEST:
        shell.unread["it is longer than can be read"] = None
        return
    tokens = [(m.lastgroup or "", m[0]) for m in _TOKEN.finditer(source) if m.lastgroup != "comment"]
    names = _assigned(tokens)
    for i, (kind, word) in enumerate(tokens):
        if not shell.step():
            return
        if kind == "text" and ((word.startswith("`") and language != "node") or word.startswith(("qx", "%x"))):
            _script(_literal(word, names), shell)
        elif kind == "name" and _is_function(tokens, i, language):
            _call(language, word, _arguments(tokens, i + 1, names), shell)
        elif (kind, word) in (("sign", ">"), ("sign", ">>")) and language == "awk" and i + 1 < len(tokens):
            _redirected(tokens[: i + 2], names, shell)


def _literal(token: str, names: dict[str, str]) -> str:
    """The text of a quoted token; variables in it are filled in where they are known."""
    if token[0] in "\"'`":
        inner = re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), token[1:-1])
    else:
        inner = re.sub(r"^(?:q[qwx]?|%x)[{(]|[})]$", "", token)
    if token[0] == "'" or ("$" not in inner and "#{" not in inner):
        return inner
    return re.sub(r"#\{(\w+)\}|\$\{?(\w+)\}?", lambda m: names.get(m[1] or f"${m[2]}", UNKNOWN), inner)


def _assigned(tokens: Sequence[Token]) -> dict[str, str]:
    """Names that are set to one text."""
    out: dict[str, str] = {}
    for (kind, name), (_, sign), (what, value) in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if kind == "name" and sign == "=" and what == "text":
            out[name] = _literal(value, out)
    return out


def _is_function(tokens: Sequence[Token], at: int, language: str) -> bool:
    """Whether a name is called, and not a method of something else."""
    owner, last = _split(tokens[at][1])
    if last not in _KINDS and last not in _RUNS and last != "open":
        return False
    behind_dot = at > 0 and tokens[at - 1][1] == "."
    sub = at > 0 and tokens[at - 1][1] in ("sub", "def", "function")
    return not sub and (behind_dot or not owner or owner in _OWNERS) and not tokens[at][1].startswith(("$", "@"))


def _split(name: str) -> tuple[str, str]:
    parts = re.split(r"\.|::|->", name)
    return (parts[-2] if len(parts) > 1 else "", parts[-1])


def _arguments(tokens: Sequence[Token], at: int, names: dict[str, str]) -> list[str]:
    """The arguments that follow a name, up to the end of the call; one that is no single text or number is unknown."""
    out: list[str] = []
    part: list[Token] = []
    depth = 0
    for kind, word in tokens[at : at + 60]:
        if word in ("(", "[", "{"):
            depth += 1
            continue
        if word in (")", "]", "}"):
            depth -= 1
            if depth <= 0:
                break
            continue
        if word in (";",) or (kind == "name" and word in ("or", "and", "if", "unless", "foreach", "for", "do")):
            break
        if word == ",":
            out.append(_argument(part, names))
            part = []
        else:
            part.append((kind, word))
    return [*out, _argument(part, names)] if part else out


def _argument(part: Sequence[Token], names: dict[str, str]) -> str:
    if len(part) != 1:
        shift = part[:1] == [("sign", "-")] and len(part) == 2
        return f"-{part[1][1]}" if shift else UNKNOWN
    kind, word = part[0]
    if kind == "text":
        runs = word.startswith(("`", "qx", "%x"))
        return _literal(word, names) if not runs else f"`{_literal(word, names)}"
    return names.get(word, UNKNOWN) if kind == "name" and word in names else word if kind != "sign" else UNKNOWN


def _script(script: str, shell: Shell) -> str:
    with shell.child(), shell.capture() as out:
        walk.run_script(script, shell)
    return "".join(out)


def _call(language: str, name: str, args: list[str], shell: Shell) -> None:
    owner, last = _split(name)
    given = [_script(a[1:], shell).strip() if a.startswith("`") else a for a in args]
    if last in _RUNS:
        _script(" ".join(given) if len(given) > 1 else given[0] if given else "", shell)
    elif last == "open":
        _opened(given, shell)
    elif effects := _effects(language, _KINDS[last], owner, last, given, shell):
        disk.done((language,), effects, shell)


def _effects(language: str, kind: str, owner: str, last: str, args: list[str], shell: Shell) -> list[Effect]:
    if not args or (
        last in ("write", "delete", "remove", "rm", "cp", "mv", "copy", "move")
        and owner not in _OWNERS
        and last not in ("copy", "move")
    ):
        return []
    paths = [shell.path(a) if a != UNKNOWN else a for a in args]
    match kind:
        case "remove":
            return [Effect("remove", p) for p in paths]
        case "move" | "copy" if len(paths) > 1:
            return [Effect(kind, paths[0], paths[1])]
        case "link" if len(paths) > 1:
            return [Effect("link", paths[1], args[0])]
        case "write" | "edit":
            return [Effect(kind, shell.target(args[0]), content=args[1] if len(args) > 1 else None)]
        case "chmod" if len(args) > 1:
            first = last == "chmod" and language in ("perl", "ruby")
            mode, names = (args[0], args[1:]) if first else (args[1], args[:1])
            return [Effect("chmod", shell.target(n), content=re.sub(r"^0o?(?=\d)", "", mode).zfill(3)) for n in names]
        case "signal":
            pid, signal = (
                (args[0], args[1] if len(args) > 1 else "TERM")
                if language == "node"
                else (args[1] if len(args) > 1 else "", args[0])
            )
            return [Effect("signal", pid, content=signal.lstrip("-").removeprefix("SIG"))] if pid else []
    return []


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
        disk.done(("awk",), [Effect("write", shell.target(_literal(tokens[-1][1], names)))], shell)
