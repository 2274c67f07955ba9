"""The values of `$v`, `${v…}` and `${a[i]}`: what a variable holds, cut and changed as asked."""

from collections.abc import Callable

from tree_sitter import Node

from offswitch.verdicts.shell.arithmetic import computed
from offswitch.verdicts.shell.bounds import replaced
from offswitch.verdicts.shell.grammar import text
from offswitch.verdicts.shell.marks import UNKNOWN, filtered, texts_in
from offswitch.verdicts.shell.state import Shell


def expanded(node: Node, shell: Shell, word: Callable[[Node], str]) -> str:
    """Return the value that an expansion stands for, UNKNOWN where it is not known; `word` reads the words within it."""
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
    rest = [word(c) for c in kids[2:] if c.is_named]
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
