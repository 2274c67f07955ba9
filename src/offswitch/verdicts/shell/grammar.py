"""Parsing with tree-sitter's bash grammar; trees are cached by script, for agents repeat themselves."""

from functools import lru_cache

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

LONGEST = 100_000
_REMEMBERED = 4096  # characters: a tree weighs some hundred times its text, so long ones are not kept
_PARSER = Parser(Language(tree_sitter_bash.language()))


def parse(script: str) -> Node:
    """Return the root node of a script; past `LONGEST` characters the rest is not read. Never raises."""
    return _kept(script) if len(script) <= _REMEMBERED else _parsed(script[:LONGEST])


def _parsed(script: str) -> Node:
    return _PARSER.parse(script.encode("utf-8", "replace")).root_node


_kept = lru_cache(maxsize=1024)(_parsed)


def text(node: Node | None) -> str:
    """Return the source of a node."""
    return "" if node is None or node.text is None else node.text.decode("utf-8", "replace")
