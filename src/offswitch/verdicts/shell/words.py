"""Expanding words: quotes, variables, tildes, braces, globs, and the substitutions that agents use to find a pid."""

import re
from collections.abc import Callable, Sequence
from itertools import product

from tree_sitter import Node

from offswitch.verdicts.shell.grammar import text
from offswitch.verdicts.shell.state import UNKNOWN, Shell

Substitute = Callable[[Node], str]
_BRACES = re.compile(r"^(.*?)\{([^{}]*,[^{}]*)\}(.*)$", re.S)
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "'": "'", '"': '"'}
_QUOTED = ("string", "raw_string", "ansi_c_string", "translated_string")


def fields(nodes: Sequence[Node], shell: Shell, substitute: Substitute) -> list[str]:
    """Return the words that the nodes become: braces, variables, splitting and globs done."""
    out: list[str] = []
    for node in nodes:
        value = word(node, shell, substitute)
        if node.type in _QUOTED or _has_quote(node):
            out.append(value)
            continue
        for part in braces(value):
            pieces = part.split() if node.type in ("simple_expansion", "expansion", "command_substitution") else [part]
            out += [path for piece in pieces for path in shell.glob(piece)]
    return out


def word(node: Node, shell: Shell, substitute: Substitute) -> str:
    """Return the value of one word; what cannot be known becomes UNKNOWN."""
    kind = node.type
    if kind in ("word", "extglob_pattern", "regex", "number", "test_operator", "heredoc_content"):
        return re.sub(r"\\(.)", r"\1", text(node), flags=re.S)
    if kind == "raw_string":
        return text(node)[1:-1]
    if kind == "ansi_c_string":
        return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m.group(1), m.group(1)), text(node)[2:-1])
    if kind in ("simple_expansion", "expansion"):
        return _variable(node, shell)
    if kind == "command_substitution":
        return substitute(node)
    if kind in ("string", "concatenation", "command_name", "heredoc_body", "translated_string"):
        return _joined(node, shell, substitute)
    return text(node)


def braces(value: str) -> list[str]:
    """Return the words that `{a,b}` stands for."""
    found = _BRACES.match(value)
    if not found or len(value) > 2000:
        return [value]
    head, middle, tail = found.groups()
    return [h + t for h, t in product([head + m for m in middle.split(",")[:50]], braces(tail)[:50])]


def _has_quote(node: Node) -> bool:
    return node.type == "concatenation" and any(c.type in _QUOTED for c in node.children)


def _variable(node: Node, shell: Shell) -> str:
    name = next((text(c) for c in node.children if c.type in ("variable_name", "special_variable_name")), "")
    value = shell.variables.get(name)
    if value is None:
        return {"HOME": shell.home, "PWD": shell.cwd}.get(name, UNKNOWN)
    raw = text(node)
    if cut := re.match(r"^\$\{\w+(%%?|##?)(.*)\}$", raw, re.S):
        return _trimmed(value, cut.group(1), cut.group(2))
    return value


def _trimmed(value: str, how: str, pattern: str) -> str:
    """`${v%pattern}` and `${v#pattern}` for plain patterns and the common `*` ones."""
    if how.startswith("%") and pattern.endswith("*"):
        head = pattern[:-1]
        return value[: value.find(head) if len(how) == 2 else value.rfind(head)] if head and head in value else value
    if how.startswith("#") and pattern.startswith("*"):
        tail = pattern[1:]
        return (
            value[(value.rfind(tail) if len(how) == 2 else value.find(tail)) + len(tail) :] if tail in value else value
        )
    return value.removesuffix(pattern) if how.startswith("%") else value.removeprefix(pattern)


def _joined(node: Node, shell: Shell, substitute: Substitute) -> str:
    """Join the parts of a node with the literal text between them."""
    source, start = text(node), node.start_byte
    quoted = node.type == "string"
    raw, at, out = source.encode(), 1 if quoted else 0, ""
    for child in node.children:
        if child.type == '"':
            continue
        out += (
            raw[at : child.start_byte - start].decode("utf-8", "replace")
            if quoted or node.type == "heredoc_body"
            else ""
        )
        out += (
            re.sub(r'\\([$`"\\])', r"\1", text(child))
            if child.type == "string_content"
            else word(child, shell, substitute)
        )
        at = child.end_byte - start
    if node.type == "heredoc_body" or (node.type == "command_name" and not node.children):
        out += raw[at:].decode("utf-8", "replace")
    return out
