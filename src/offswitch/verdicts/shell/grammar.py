"""Parsing with tree-sitter's bash grammar; trees are cached by script, for agents repeat themselves."""

from functools import lru_cache

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

LONGEST = 100_000
_PARSER = Parser(Language(tree_sitter_bash.language()))


@lru_cache(maxsize=4096)
def parse(script: str) -> Node:
    """Return the root node of a script; past `LONGEST` characters the rest is not read. Never raises."""
    return _PARSER.parse(script[:LONGEST].encode("utf-8", "replace")).root_node


def text(node: Node | None) -> str:
    """Return the source of a node."""
    return "" if node is None or node.text is None else node.text.decode("utf-8", "replace")
