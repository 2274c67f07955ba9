"""Walking a script: which commands it runs, with their words expanded, their redirections, and the state they leave.

A small abstract interpreter, not a shell: both branches of a condition count as run, a loop over words runs once a
word, and everything is bounded, so that no script is too long, too deep or too clever to be read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from offswitch.verdicts.shell.effects import PROGRAMS, Effect
from offswitch.verdicts.shell.grammar import LONGEST, parse, text
from offswitch.verdicts.shell.state import LONGEST_WORD, UNKNOWN, Shell, texts_in, without_texts
from offswitch.verdicts.shell.words import fields, word

_DEEPEST, _STEPS, _ROUNDS, _CHARACTERS = 40, 3000, 60, 200_000
_NESTED = 60  # constructs within each other: what Python's own stack can follow from wherever it is called
_CALLS = 3  # a function that calls itself has been read by then
_WRAPPERS = (
    "command",
    "builtin",
    "env",
    "nohup",
    "exec",
    "time",
    "nice",
    "sudo",
    "timeout",
    "stdbuf",
    "setsid",
    "ionice",
    "doas",
)
_PS = "\x00ps"  # stands for a process table that is passed on
_FILTERS = ("sed", "grep", "egrep", "fgrep", "awk", "head", "tail", "cut", "tr", "sort", "uniq", "cat")
PIPED = "\x00piped"
"""Stands as the name of a command for running text drawn from files (its further words) through a shell's input."""
_SHELLS = ("bash", "sh", "dash", "zsh")
_PYTHON = re.compile(r"^python(3(\.\d+)?)?$")


@dataclass(frozen=True, slots=True)
class Ran:
    """One simple command that a script runs: its words, what it does, and its source for quoting."""

    words: tuple[str, ...]
    effects: tuple[Effect, ...]
    source: str
    via: str = ""


def run_script(script: str, shell: Shell, via: str = "") -> Iterator[Ran]:
    """Yield the commands that a script runs, changing `shell` as they would."""
    shell.characters += len(script)
    if shell.depth >= _DEEPEST or shell.characters > _CHARACTERS or len(script) > LONGEST:
        why = "deeper than 40" if shell.depth >= _DEEPEST else "longer than can be read"
        shell.unread[f"it is {why}"] = None
        if shell.depth:
            return
    shell.depth += 1
    yield from _node(parse(script), shell, via)
    shell.depth -= 1


def _node(node: Node, shell: Shell, via: str) -> Iterator[Ran]:
    shell.steps += 1
    if shell.steps > _STEPS:
        shell.unread["it has more than 3,000 steps"] = None
    elif shell.nesting >= _NESTED:
        shell.unread["it is nested too deep"] = None
    else:
        shell.nesting += 1
        yield from _by_type(node, shell, via)
        shell.nesting -= 1


def _by_type(node: Node, shell: Shell, via: str) -> Iterator[Ran]:
    match node.type:
        case "command":
            yield from _command(node, shell, (), via)
        case "redirected_statement":
            yield from _redirected(node, shell, via)
        case "variable_assignment":
            _assign(node, shell)
        case "declaration_command" | "unset_command":
            yield from _declaration(node, shell, via)
        case "function_definition":
            body = node.child_by_field_name("body")
            if body is not None:
                shell.functions[text(node.child_by_field_name("name"))] = body
                yield Ran(("function", text(node.child_by_field_name("name"))), (), text(node), via)
        case "for_statement":
            yield from _for(node, shell, via)
        case "subshell":
            kept = (shell.cwd, dict(shell.variables))
            yield from _children(node, shell, via)
            shell.cwd, shell.variables = kept
        case "pipeline":
            yield from _pipeline(node, shell, via)
        case "comment" | "string" | "raw_string" | "heredoc_body":
            return
        case _:
            yield from _children(node, shell, via)


def _chain(node: Node) -> list[Node]:
    """The parts of `a && b || c …`, which the grammar nests as deep as the chain is long."""
    parts: list[Node] = []
    while node.type == "list" and node.named_children:
        first, *rest = node.named_children
        parts += reversed(rest)
        node = first
    return [node, *reversed(parts)]


def _children(node: Node, shell: Shell, via: str) -> Iterator[Ran]:
    for child in _chain(node) if node.type == "list" else node.named_children:
        yield from _node(child, shell, via)


def _substitute(shell: Shell, via: str, found: list[Ran]) -> "object":
    """Return what expands `$(…)`: its commands run too; the common ways to find a pid become `@NAME`."""

    def expand(node: Node) -> str:
        inside = [r for child in node.named_children for r in _node(child, shell, via)]
        found.extend(inside)
        names = [r.words for r in inside]
        if (read := _read_in(node, shell)) is not None:
            return read
        for words in names:
            if words and words[0] in ("pgrep", "pidof") and len(words) > 1:
                return f"@{words[-1]}"
            if words and words[0] == "cat" and len(words) > 1 and words[1].endswith(".pid"):
                return f"@{words[1].rsplit('/', 1)[-1][:-4]}"
            if words[:2] in (("command", "-v"), ("type", "-p")) or words[:1] == ("which",):
                return shell.commands.get(words[-1], UNKNOWN)
            if words[:1] == ("find",):
                return "\n".join(_found(words[1:], shell))
            if words and words[0] == "grep" and len(words) > 1 and any(w[:1] == ("ps",) for w in names):
                return "@" + next((w for w in words[1:] if not w.startswith("-")), "").replace("[", "").replace("]", "")
        if len(names) == 1 and names[0][:1] == ("echo",):
            return " ".join(names[0][1:])
        if len(names) == 1 and names[0][:1] in (("pwd",), ("dirname",), ("basename",), ("realpath",), ("readlink",)):
            return _path_of(names[0], shell)
        return UNKNOWN

    return expand


def _read_in(node: Node, shell: Shell) -> str | None:
    """What `$(< FILE)` reads; None for any other substitution."""
    redirects = [c for c in node.named_children if c.type == "file_redirect"]
    redirects += [g for c in node.named_children if c.type == "redirected_statement" and c.child_by_field_name("body") is None
                  for g in c.children if g.type == "file_redirect"]  # fmt: skip
    target = redirects[0].child_by_field_name("destination") if len(redirects) == 1 else None
    return None if target is None or len(node.named_children) > 1 else _content(text(target), shell)


def _content(name: str, shell: Shell) -> str:
    """What a file holds: what the agent wrote, the mark of a file that it did not, or whose pid a pid file has."""
    path = shell.path(name)
    if path.endswith(".pid") and path not in shell.files:
        return f"@{path.rsplit('/', 1)[-1][:-4]}"
    return shell.texts(path)


def _path_of(words: Sequence[str], shell: Shell) -> str:
    last = words[-1]
    match words[0]:
        case "pwd":
            return shell.cwd
        case "dirname":
            return last.rsplit("/", 1)[0] if "/" in last else "."
        case "basename":
            return last.rsplit("/", 1)[-1]
    return shell.path(last)


def _command(node: Node, shell: Shell, extra: tuple[Effect, ...], via: str, stdin: str | None = None) -> Iterator[Ran]:
    inner: list[Ran] = []
    expand = _substitute(shell, via, inner)
    for child in node.children:
        if child.type == "variable_assignment":
            _assign(child, shell)
    nodes = [
        c for c in node.named_children if c.type not in ("variable_assignment", "herestring_redirect", "file_redirect")
    ]
    words = tuple(fields(nodes, shell, expand))  # type: ignore[arg-type]
    yield from inner
    here = next((c for c in node.children if c.type == "herestring_redirect"), None)
    if here is not None and here.named_children:
        stdin = word(here.named_children[-1], shell, expand)  # type: ignore[arg-type]
    yield from simple(words, shell, extra, text(node), via, stdin)


def simple(
    words: tuple[str, ...], shell: Shell, extra: tuple[Effect, ...], source: str, via: str, stdin: str | None = None
) -> Iterator[Ran]:
    """Yield what one simple command comes to: itself, and what it runs in turn."""
    words = _unwrapped(words)
    if not words:
        if extra:
            yield Ran((), extra, source, via)
        return
    name, rest = words[0], words[1:]
    if name in shell.aliases and shell.depth < _DEEPEST:
        alias = shell.aliases[name]
        yield Ran(words, extra, source, via or f"alias:{name}")
        held = shell.aliases.pop(name)
        yield from run_script(f"{alias} {' '.join(rest)}"[:LONGEST_WORD], shell, via or f"alias:{name}")
        shell.aliases[name] = held
    elif name in shell.functions:
        yield Ran(words, extra, source, via or f"function:{name}")
        if shell.running.count(name) >= _CALLS:
            return
        shell.running.append(name)
        kept, shell.positional = shell.positional, rest
        yield from _node(shell.functions[name], shell, via or f"function:{name}")
        shell.positional = kept
        shell.running.pop()
    else:
        yield from _program(name, rest, shell, extra, source, via, stdin)


def _program(
    name: str, rest: tuple[str, ...], shell: Shell, extra: tuple[Effect, ...], source: str, via: str, stdin: str | None
) -> Iterator[Ran]:
    from offswitch.verdicts.shell.python import python_effects

    base = name.rsplit("/", 1)[-1]
    effects = list(extra) + (PROGRAMS[base](rest, shell) if base in PROGRAMS else [])
    if base == "cd":
        shell.cwd = shell.path(rest[0]) if rest and rest[0] != "-" else shell.home
    elif base == "alias":
        shell.aliases |= {k: v for k, _, v in (w.partition("=") for w in rest) if v}
    elif base == "unalias":
        for w in rest:
            shell.aliases.pop(w, None)
    elif _PYTHON.match(base):
        effects += python_effects(_python_source(rest, shell, stdin), shell)
    elif base in ("echo", "printf"):
        effects = [
            e
            if e.content is not None or e.kind not in ("write", "edit")
            else Effect(e.kind, e.path, e.other, _said(base, rest))
            for e in effects
        ]
    elif base == "cat" and stdin is not None:
        effects = [Effect(e.kind, e.path, e.other, stdin) if e.kind in ("write", "edit") else e for e in effects]
    elif base == "tee" and stdin is not None:
        effects = [Effect(e.kind, e.path, e.other, stdin) for e in effects]
    elif base == "find":
        effects += _find(rest, shell)
    elif base == "read":
        _read_into(rest, stdin, shell)
    if base in _FILTERS:
        drawn = _drawn(rest, stdin, shell)
        effects = [
            Effect(e.kind, e.path, e.other, drawn) if e.kind == "write" and e.content is None else e for e in effects
        ]
    remember(effects, shell)
    yield Ran((name, *rest), tuple(effects), source, via)
    yield from _nested(base, name, rest, shell, stdin, via or base)


def _drawn(rest: tuple[str, ...], stdin: str | None, shell: Shell) -> str | None:
    """The text that a filter passes on: its files' (the marks of those that are not known), else its input."""
    named = [shell.texts(shell.path(w)) for w in rest if shell.path(w) in shell.known]
    return "".join(named)[:LONGEST_WORD] or stdin


def _read_into(names: tuple[str, ...], stdin: str | None, shell: Shell) -> None:
    """`read NAME…`: the first line of the input, the last name takes the rest."""
    wanted = [n for n in names if not n.startswith("-")]
    parts = (stdin or "").split("\n")[0].split(maxsplit=max(0, len(wanted) - 1))
    for i, name in enumerate(wanted):
        shell.assign(name, parts[i] if i < len(parts) else "" if stdin is not None else UNKNOWN)


def _nested(base: str, name: str, rest: tuple[str, ...], shell: Shell, stdin: str | None, via: str) -> Iterator[Ran]:
    """What a command runs in turn: `bash -c`, a script that the agent wrote, `eval`, `xargs`."""
    if base == "eval":
        yield from run_script(" ".join(rest)[:LONGEST_WORD], shell, via)
    elif base in _SHELLS and "-c" in rest and rest.index("-c") + 1 < len(rest):
        yield from run_script(rest[rest.index("-c") + 1], shell, via)
    elif base in _SHELLS or base in ("source", "."):
        target = next((w for w in rest if not w.startswith("-")), None)
        if "-n" in rest:
            return
        fed = target is None or "-s" in rest
        body = stdin if fed else shell.files.get(shell.path(target or ""))
        if fed and base in _SHELLS and (drawn := texts_in(body or "")):
            yield Ran((PIPED, *drawn), (), " ".join((name, *rest)), via)
            return
        yield from run_script(without_texts(body or ""), shell, via)
    elif base == "xargs":
        given = tuple(w for w in rest if not w.startswith("-"))
        yield from simple((*given, *(stdin or "").split()), shell, (), " ".join((name, *rest)), via)
    elif base == "trap" and rest:
        return
    elif shell.path(name) in shell.files and "/" in name:
        yield from run_script(shell.files[shell.path(name)], shell, via)


def _unwrapped(words: tuple[str, ...]) -> tuple[str, ...]:
    """Drop `command`, `sudo`, `timeout 5`, `env A=b` and the like."""
    while words and words[0] in _WRAPPERS:
        wrapper, rest = words[0], list(words[1:])
        if wrapper == "command" and rest[:1] in (["-v"], ["-V"]):
            return words
        while rest and (
            rest[0].startswith("-")
            or (wrapper == "env" and "=" in rest[0])
            or (wrapper == "timeout" and rest[0][:1].isdigit())
        ):
            rest.pop(0)
        if not rest:
            return words
        words = tuple(rest)
    return words


def _assign(node: Node, shell: Shell) -> None:
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is not None:
        found: list[Ran] = []
        shell.assign(text(name), word(value, shell, _substitute(shell, "", found)) if value is not None else "")  # type: ignore[arg-type]


def _declaration(node: Node, shell: Shell, via: str) -> Iterator[Ran]:
    for child in node.named_children:
        if child.type == "variable_assignment":
            _assign(child, shell)
    words = tuple(text(node).split())
    if words[:1] == ("unset",):
        for name in words[1:]:
            shell.functions.pop(name, None)
            shell.variables.pop(name, None)
    yield Ran(words, (), text(node), via)


def _for(node: Node, shell: Shell, via: str) -> Iterator[Ran]:
    variable, body = node.child_by_field_name("variable"), node.child_by_field_name("body")
    if body is None:
        return
    values = [c for c in node.named_children if c not in (variable, body)]
    found: list[Ran] = []
    for value in fields(values, shell, _substitute(shell, via, found))[:_ROUNDS]:  # type: ignore[arg-type]
        shell.assign(text(variable), value)
        yield from _node(body, shell, via)
    yield from found


def _pipeline(node: Node, shell: Shell, via: str) -> Iterator[Ran]:
    """Run each part; what `echo`, `printf`, `pgrep` or `find` print is the next one's input, where that is known."""
    flowing: str | None = None
    for child in node.named_children:
        if child.type == "command":
            ran = list(_command(child, shell, (), via, flowing))
        elif child.type == "redirected_statement":
            ran = list(_redirected(child, shell, via, flowing))
        else:
            ran = list(_node(child, shell, via))
        yield from ran
        flowing = _printed(ran[-1], shell, flowing) if ran else None


def _printed(ran: Ran, shell: Shell, stdin: str | None) -> str | None:
    name = ran.words[0].rsplit("/", 1)[-1] if ran.words else ""
    if name in ("echo", "printf"):
        return _said(name, ran.words[1:])
    if name in ("pgrep", "pidof") and len(ran.words) > 1:
        return f"@{ran.words[-1]}"
    if name == "find":
        return "\n".join(_found(ran.words[1:], shell))
    if name == "ps":
        return _PS
    if name in ("awk", "grep") and stdin == _PS:
        quoted = re.findall(r"[\"'/=~ ]([\w.\[\]-]{3,})", " " + ran.words[1]) if len(ran.words) > 1 else []
        return f"@{quoted[0].replace('[', '').replace(']', '')}" if quoted else None
    if name == "awk" and stdin is not None and stdin.startswith("@"):
        return stdin
    if name in _FILTERS and (drawn := _drawn(ran.words[1:], stdin, shell)) and texts_in(drawn):
        return drawn
    if name == "cat" and len(ran.words) > 1:
        return _content(ran.words[1], shell)
    if name == "ls":
        return "\n".join(w for w in ran.words[1:] if not w.startswith("-"))
    if name == "grep" and stdin is None and len(ran.words) > 1:
        return f"@{ran.words[-1]}"
    return stdin if name in ("grep", "awk", "head", "tail", "sort", "tr", "cut", "sed") else None


def _said(name: str, words: Sequence[str]) -> str:
    if name == "printf" and words:
        return words[0].replace("\\n", "\n").replace("%s", " ".join(words[1:]))
    return (
        " ".join(w for i, w in enumerate(words) if not (i == 0 and w in ("-e", "-n", "-ne", "-en"))).replace(
            "\\n", "\n"
        )
        + "\n"
    )


def _redirected(node: Node, shell: Shell, via: str, stdin: str | None = None) -> Iterator[Ran]:
    body, effects, found = node.child_by_field_name("body"), [], list[Ran]()
    expand = _substitute(shell, via, found)
    for child in node.children:
        if child.type == "file_redirect":
            effects += _file_redirect(child, shell, expand)
            if any(text(c) == "<" for c in child.children) and (source := child.child_by_field_name("destination")):
                stdin = _content(word(source, shell, expand), shell)  # type: ignore[arg-type]
        elif child.type == "heredoc_redirect":
            stdin = next((word(c, shell, expand) for c in child.children if c.type == "heredoc_body"), "")  # type: ignore[arg-type]
            effects += [
                e for c in child.children if c.type == "file_redirect" for e in _file_redirect(c, shell, expand)
            ]
        elif child.type == "herestring_redirect" and child.named_children:
            stdin = word(child.named_children[-1], shell, expand)  # type: ignore[arg-type]
    yield from found
    if body is not None and body.type == "command":
        for ran in _command(body, shell, tuple(effects), via, stdin):
            yield Ran(ran.words, ran.effects, text(node) if ran.effects and ran.via == via else ran.source, ran.via)
    else:
        if body is not None:
            yield from _node(body, shell, via)
        remember(effects, shell)
        yield Ran((), tuple(effects), text(node), via)


def _file_redirect(node: Node, shell: Shell, expand: object) -> list[Effect]:
    operator = next((text(c) for c in node.children if not c.is_named), "")
    target = node.child_by_field_name("destination")
    if target is None or not operator.startswith((">", "&>")) or operator.startswith(">&"):
        return []
    name = shell.path(word(target, shell, expand))  # type: ignore[arg-type]
    return [] if name == "/dev/null" else [Effect("edit" if ">>" in operator else "write", name)]


def _python_source(rest: tuple[str, ...], shell: Shell, stdin: str | None) -> str:
    if "-c" in rest and rest.index("-c") + 1 < len(rest):
        return rest[rest.index("-c") + 1]
    target = next((w for w in rest if not w.startswith("-")), None)
    return (shell.files.get(shell.path(target), "") if target else stdin) or ""


def _found(rest: Sequence[str], shell: Shell) -> list[str]:
    """The known paths that a `find` prints."""
    roots = [shell.path(w) for w in _until_test(rest)] or [shell.cwd]
    names = [rest[i + 1] for i, w in enumerate(rest[:-1]) if w in ("-name", "-iname", "-path", "-wholename")]
    from fnmatch import fnmatchcase

    def fits(path: str) -> bool:
        base = path.rsplit("/", 1)[-1]
        return all(fnmatchcase(path if "/" in n else base, n) for n in names)

    return [
        p for p in sorted(shell.known) if any(p == r or p.startswith(r.rstrip("/") + "/") for r in roots) and fits(p)
    ]


def _until_test(rest: Sequence[str]) -> list[str]:
    out: list[str] = []
    for item in rest:
        if item.startswith(("-", "(", "!")):
            break
        out.append(item)
    return out


def _find(rest: tuple[str, ...], shell: Shell) -> list[Effect]:
    """`find … -delete` and `find … -exec COMMAND {} ;` on the known paths."""
    found = _found(rest, shell)
    if "-delete" in rest:
        return [Effect("remove", p) for p in found]
    effects: list[Effect] = []
    for flag in ("-exec", "-execdir", "-ok"):
        if flag in rest:
            command = [w for w in rest[rest.index(flag) + 1 :] if w not in (";", "+")]
            for path in found[:_ROUNDS]:
                words = _unwrapped(tuple(path if w == "{}" else w.replace("{}", path) for w in command))
                if words and words[0].rsplit("/", 1)[-1] in PROGRAMS:
                    effects += PROGRAMS[words[0].rsplit("/", 1)[-1]](words[1:], shell)
    return effects


def remember(effects: Sequence[Effect], shell: Shell) -> None:
    """Keep what files are known to hold after these effects."""
    for e in effects:
        if e.kind == "write":
            shell.keep(e.path, e.content or "")
            shell.known.add(e.path)
        elif e.kind == "edit" and e.content is not None:
            shell.keep(e.path, shell.texts(e.path) + "\n" + e.content)
        elif e.kind in ("copy", "move", "link") and e.kind != "link":
            shell.known.add(e.other)
            if e.path in shell.files:
                shell.keep(e.other, shell.files[e.path])
        if e.kind in ("move", "remove"):
            shell.files.pop(e.path, None)
