"""Expanding words: quotes, variables, arrays, braces, globs, substitutions; what cannot be known becomes UNKNOWN.

Quoted characters that would mean something to the shell are carried in a private range of Unicode until splitting,
braces and globs are done, and shown again at the end.
"""

import re
from collections.abc import Callable, Sequence

from tree_sitter import Node

from offswitch.verdicts.shell.arithmetic import computed
from offswitch.verdicts.shell.bounds import LONGEST_WORD, joined, replaced
from offswitch.verdicts.shell.grammar import read_back, text
from offswitch.verdicts.shell.marks import UNKNOWN, filtered, texts_in
from offswitch.verdicts.shell.state import Shell

Substitute = Callable[[Node], str]
_SPECIAL = "*?[]{},. \t\n\\"
_HIDE = {ord(c): 0xE000 + i for i, c in enumerate(_SPECIAL)}
_SHOW = {v: k for k, v in _HIDE.items()}
_HIDE_BRACES = {k: v for k, v in _HIDE.items() if chr(k) in "{},."}
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}|\{(-?\d{1,6})\.\.(-?\d{1,6})\}")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "e": "\x1b", "a": "\x07"}
_ESCAPED = re.compile(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.S)
_MOST_WORDS = 300
_PLAIN = ("word", "extglob_pattern", "regex", "number", "test_operator", "heredoc_content", "brace_expression")


def fields(nodes: Sequence[Node], shell: Shell, substitute: Substitute) -> list[str]:
    """Return the words that the nodes become, at most 300."""
    out: list[str] = []
    for node in nodes:
        listed = _list(node, shell)
        if listed is not None:
            out += listed
        else:
            out += _split(_raw(node, shell, substitute), node, shell)
        if len(out) > _MOST_WORDS:
            return out[:_MOST_WORDS]
    return out


def word(node: Node, shell: Shell, substitute: Substitute) -> str:
    """Return the value of one word, neither split nor globbed, at most 64 KiB of it."""
    return _raw(node, shell, substitute).translate(_SHOW)


def escaped(value: str) -> str:
    """Return what `$'…'` or `echo -e` make of a text."""
    return _ESCAPED.sub(lambda m: _escape(m.group(1)), value)


def _escape(code: str) -> str:
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8) & 0xFF)
    return _ESCAPES.get(code, code)


def _split(raw: str, node: Node, shell: Shell) -> list[str]:
    out: list[str] = []
    for part in _braces(raw):
        for piece in part.split()[:_MOST_WORDS]:
            found = shell.glob(_pattern(piece)) if any(c in piece for c in "*?[") else []
            out += found or [piece.translate(_SHOW)]
    return out or ([""] if node.type in ("string", "raw_string", "ansi_c_string") else [])


def _pattern(piece: str) -> str:
    """The piece as an fnmatch pattern, its quoted characters literal."""
    return "".join(f"[{chr(_SHOW[ord(c)])}]" if chr(_SHOW.get(ord(c), 0)) in "*?[" else c for c in piece).translate(
        _SHOW
    )


def _braces(raw: str) -> list[str]:
    out, ready = [raw], False
    while not ready and len(out) < _MOST_WORDS and len(raw) < 2000:
        ready, step = True, list[str]()
        for value in out:
            found = _BRACES.search(value)
            step += [value[: found.start()] + c + value[found.end() :] for c in _choices(found)] if found else [value]
            ready = ready and found is None
        out = step[:_MOST_WORDS]
    return out


def _choices(found: re.Match[str]) -> list[str]:
    if found.group(1) is not None:
        return found.group(1).split(",")
    low, high = int(found.group(2)), int(found.group(3))
    step = 1 if high >= low else -1
    return [str(i) for i in range(low, high + step, step)[:_MOST_WORDS]]


def _list(node: Node, shell: Shell) -> list[str] | None:
    """The words of `"$@"` or `"${a[@]}"`, alone in a word; None for anything else."""
    source = text(node).strip('"')
    if source in ("$@", "$*", "${@}"):
        return list(shell.positional)
    if found := re.fullmatch(r"\$\{(\w+)\[[@*]\]\}", source):
        return shell.arrays.get(found.group(1))
    return None


def _raw(node: Node, shell: Shell, substitute: Substitute) -> str:
    return _unbounded(node, shell, substitute)[:LONGEST_WORD]


def _unbounded(node: Node, shell: Shell, substitute: Substitute) -> str:
    kind = node.type
    if kind in _PLAIN:
        return re.sub(r"\\(.)", lambda m: "" if m[1] == "\n" else m[1].translate(_HIDE), text(node), flags=re.S)
    if kind == "raw_string":
        return text(node)[1:-1].translate(_HIDE)
    if kind == "ansi_c_string":
        return escaped(text(node)[2:-1]).translate(_HIDE)
    if kind in ("simple_expansion", "expansion"):
        return _value(node, shell, substitute).translate(_HIDE_BRACES)
    if kind in ("command_substitution", "process_substitution"):
        return substitute(node).rstrip("\n").translate(_HIDE_BRACES)
    if kind in ("string", "translated_string", "heredoc_body"):
        return _joined(node, shell, substitute).translate(_HIDE)
    if kind in ("concatenation", "command_name") and node.children:
        return joined(_raw(c, shell, substitute) for c in node.children)
    if kind == "arithmetic_expansion":
        number = computed(text(node).removeprefix("$((").removesuffix("))"), shell)
        return UNKNOWN if number is None else str(number)
    return text(node)


def _joined(node: Node, shell: Shell, substitute: Substitute) -> str:
    """Join the parts of a quoted text with what stands between them."""
    raw, start, body = node.text or b"", node.start_byte, node.type == "heredoc_body"
    at, out = 0 if body else raw.find(b'"') + 1, []
    if body and not node.children:
        return text(node)
    for child in node.children:
        if child.type not in ('"', "$"):
            out.append(read_back(raw[at : child.start_byte - start].decode("ascii")))
            plain = child.type in ("string_content", "heredoc_content")
            out.append(_unquoted(text(child)) if plain else word(child, shell, substitute))
            at = child.end_byte - start
    return joined((*out, read_back((raw[at:] if body else b"").decode("ascii"))))


def _unquoted(value: str) -> str:
    return re.sub(r'\\([$`"\\\n])', lambda m: "" if m[1] == "\n" else m[1], value)


def _value(node: Node, shell: Shell, substitute: Substitute) -> str:
    kids = [c for c in node.children if c.type not in ("${", "$", "}")]
    prefix = kids.pop(0).type if kids and kids[0].type in ("!", "#") else ""
    if not kids:
        return UNKNOWN
    value = _named(kids[0], shell)
    if prefix == "!":
        value = shell.value(value) if value is not None else None
    if prefix == "#":
        return UNKNOWN if value is None else str(len(value))
    if len(kids) == 1:
        return UNKNOWN if value is None else value
    rest = [word(c, shell, substitute) for c in kids[2:] if c.is_named]
    return _modified(value, kids[1].type, rest)


def _named(node: Node, shell: Shell) -> str | None:
    if node.type != "subscript":
        return shell.value(text(node))
    name, _, index = text(node).rstrip("]").partition("[")
    items = shell.arrays.get(name)
    if items is None:
        return None
    number = computed(index, shell) if index not in ("@", "*") else None
    if number is not None:
        index = str(number)
    if index.isdecimal():
        return items[int(index)] if int(index) < len(items) else ""
    return " ".join(items)


def _modified(value: str | None, how: str, rest: list[str]) -> str:
    """`${v:-x}`, `${v:+x}`, `${v%x}`, `${v#x}`, `${v/x/y}`; anything else of a known value is the value itself."""
    first = rest[0] if rest else ""
    if how in (":-", "-", ":=", "="):
        return value if value else first
    if how in (":+", "+"):
        return first if value else ""
    if value is None:
        return UNKNOWN
    if texts_in(value) and (how.startswith(("/", "^", ",")) or first.strip("*\n ")):
        return filtered(value)
    if how in ("%", "%%", "#", "##"):
        return _trimmed(value, how, first)
    if how in ("/", "//"):
        return replaced(value, first, rest[1] if len(rest) > 1 else "", -1 if how == "//" else 1)
    return value


def _trimmed(value: str, how: str, pattern: str) -> str:
    """`${v%pattern}` and `${v#pattern}` for plain patterns and those with `*` at the open end."""
    if how.startswith("%"):
        head = pattern.removesuffix("*")
        if head == pattern:
            return value.removesuffix(pattern)
        at = value.find(head) if how == "%%" else value.rfind(head)
        return value[:at] if head and at >= 0 else value
    tail = pattern.removeprefix("*")
    if tail == pattern:
        return value.removeprefix(pattern)
    at = value.rfind(tail) if how == "##" else value.find(tail)
    return value[at + len(tail) :] if tail and at >= 0 else value
