"""Parsing with tree-sitter's bash grammar; trees are cached by script, for agents repeat themselves.

The grammar's own scanner hands characters beyond ASCII to C functions that index a table with them (`isalnum(lookahead)`):
`{` and a rare character were enough to crash the process, or worse. So it is only ever shown ASCII: every other character
is spelled out on the way in, and read back on the way out.
"""

import re
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
    return _PARSER.parse(_UNSAFE.sub(_spelled, script).encode("ascii")).root_node


_kept = lru_cache(maxsize=1024)(_parsed)
_UNSAFE = re.compile(r"[^\x01-\x7f]|Q(?=Qu)")
_SPELLED = re.compile(r"QQu([0-9a-f]{6})")


def _spelled(found: re.Match[str]) -> str:
    return f"QQu{ord(found[0]):06x}"


def read_back(source: str) -> str:
    """Return text of the tree as the agent wrote it."""
    return _SPELLED.sub(lambda m: chr(int(m[1], 16)), source) if "QQu" in source else source


def text(node: Node | None) -> str:
    """Return the source of a node."""
    return "" if node is None or node.text is None else read_back(node.text.decode("ascii"))
