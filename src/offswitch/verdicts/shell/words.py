"""Expanding words: quotes, variables, arrays, braces, globs, substitutions; what cannot be known becomes UNKNOWN.

Quoted characters that would mean something to the shell are carried in a private range of Unicode until splitting,
braces and globs are done, and shown again at the end.
"""

import re
from collections.abc import Callable, Sequence

from tree_sitter import Node

from offswitch.verdicts.shell.arithmetic import computed
from offswitch.verdicts.shell.bounds import LONGEST_WORD, MOST_WORDS, joined
from offswitch.verdicts.shell.braces import unbraced
from offswitch.verdicts.shell.escapes import escaped
from offswitch.verdicts.shell.grammar import read_back, text
from offswitch.verdicts.shell.marks import UNKNOWN
from offswitch.verdicts.shell.parameters import expanded
from offswitch.verdicts.shell.state import Shell

Substitute = Callable[[Node], str]
_SPECIAL = "*?[]{},. \t\n\\"
_HIDE = {ord(c): 0xE000 + i for i, c in enumerate(_SPECIAL)}
_SHOW = {v: k for k, v in _HIDE.items()}
_HIDE_BRACES = {k: v for k, v in _HIDE.items() if chr(k) in "{},."}
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
        if len(out) > MOST_WORDS:
            return out[:MOST_WORDS]
    return out


def word(node: Node, shell: Shell, substitute: Substitute) -> str:
    """Return the value of one word, neither split nor globbed, at most 64 KiB of it."""
    return _raw(node, shell, substitute).translate(_SHOW)


def _split(raw: str, node: Node, shell: Shell) -> list[str]:
    out: list[str] = []
    for part in unbraced(raw):
        for piece in part.split()[:MOST_WORDS]:
            found = shell.glob(_pattern(piece)) if any(c in piece for c in "*?[") else []
            out += found or [piece.translate(_SHOW)]
    return out or ([""] if node.type in ("string", "raw_string", "ansi_c_string") else [])


def _pattern(piece: str) -> str:
    """The piece as an fnmatch pattern, its quoted characters literal."""
    return "".join(f"[{chr(_SHOW[ord(c)])}]" if chr(_SHOW.get(ord(c), 0)) in "*?[" else c for c in piece).translate(
        _SHOW
    )


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
        return expanded(node, shell, lambda part: word(part, shell, substitute)).translate(_HIDE_BRACES)
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
