"""Conditions and loops: which of their parts run, and how often."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from tree_sitter import Node

from offswitch.verdicts.shell import flow, walk
from offswitch.verdicts.shell.arithmetic import computed, count
from offswitch.verdicts.shell.conditions import holds
from offswitch.verdicts.shell.grammar import text
from offswitch.verdicts.shell.state import Shell
from offswitch.verdicts.shell.words import fields, word

_ROUNDS, _DEEPEST = 60, 60
_EXPRESSIONS = ("unary_expression", "binary_expression", "negated_expression", "parenthesized_expression")


def if_statement(node: Node, shell: Shell) -> None:
    """`if … elif … else`: each branch whose condition may hold, until one is sure to."""
    unsure = False
    for conditions, body in _parts(node):
        with shell.branch(unsure):
            shell.status = True
            for part in conditions:
                walk.walk(part, shell)
            holds_here = shell.status
            if holds_here is False:
                continue
            with shell.branch(holds_here is None):
                for part in body:
                    walk.walk(part, shell)
        unsure = unsure or holds_here is None
        if holds_here:
            break
    shell.status = None


def _parts(node: Node) -> list[tuple[list[Node], list[Node]]]:
    """The (condition, body) of each branch; an `else` has no condition, which always holds."""
    out: list[tuple[list[Node], list[Node]]] = []
    conditions, body, within = list[Node](), list[Node](), False
    for child in node.children:
        if child.type == "then":
            within = True
        elif child.type == "elif_clause":
            out += [(conditions, body), *_parts(child)]
            conditions, body = [], []
        elif child.type == "else_clause":
            out += [(conditions, body)] if conditions else []
            return [*out, ([], list(child.named_children))]
        elif child.is_named:
            (body if within else conditions).append(child)
    return [*out, (conditions, body)] if conditions else out


def case_statement(node: Node, shell: Shell) -> None:
    """`case`: the first item whose pattern a known word matches; all of them for a word that is not known."""
    expand = flow.expander(shell)
    value = node.child_by_field_name("value")
    known = word(value, shell, expand) if value is not None else ""
    for item in (c for c in node.named_children if c.type == "case_item"):
        patterns = item.children_by_field_name("value")
        fits = _fits(known, [word(p, shell, expand) for p in patterns])
        if fits is not False:
            with shell.branch(fits is None):
                for part in item.named_children:
                    if part not in patterns:
                        walk.walk(part, shell)
        if fits:
            break
    shell.status = None


def _fits(value: str, patterns: Sequence[str]) -> bool | None:
    """Whether a value matches one of a case's patterns; None where that cannot be told."""
    if "\x00" in value or any("\x00" in p for p in patterns):
        return None
    return any(fnmatchcase(value, p) for p in patterns)


def for_statement(node: Node, shell: Shell) -> None:
    """`for NAME in …` (and `select`), once a word; without words, over the positional parameters."""
    variable, body = node.child_by_field_name("variable"), node.child_by_field_name("body")
    if body is None:
        return
    nodes = [c for c in node.named_children if c not in (variable, body)]
    values = fields(nodes, shell, flow.expander(shell)) if nodes else list(shell.positional)
    with shell.scope("break"):
        for value in values[:_ROUNDS]:
            shell.assign(text(variable), value)
            with shell.scope("continue"):
                walk.walk(body, shell)
    shell.status = None


def while_statement(node: Node, shell: Shell) -> None:
    """`while` and `until`: once, and again as long as a condition that is told goes on reading or counting."""
    body, until = node.child_by_field_name("body"), node.children[0].type == "until"
    conditions = [c for c in node.named_children if c != body]
    with shell.scope("break"):
        for _ in range(_ROUNDS):
            before = _place(shell)
            shell.status = None
            for part in conditions:
                walk.walk(part, shell)
            status = shell.status if not until or shell.status is None else not shell.status
            if status is False or body is None:
                break
            with shell.branch(status is None), shell.scope("continue"):
                walk.walk(body, shell)
            if status is None or _place(shell) == before:
                break
    shell.status = None


def _place(shell: Shell) -> tuple[int, dict[str, str]]:
    """How far the input was read, and what the variables are: a loop that changes neither would never end."""
    return (shell.stdin.at if shell.stdin is not None else -1, dict(shell.variables))


def counting_statement(node: Node, shell: Shell) -> None:
    """`for ((i = 0; i < 3; i++))`: as often as its condition can be told to hold, and once where it cannot."""
    start, condition, update = (node.child_by_field_name(n) for n in ("initializer", "condition", "update"))
    body = node.child_by_field_name("body")
    if start is not None:
        walk.walk(start, shell)
    with shell.scope("break"):
        for _ in range(_ROUNDS):
            held = computed(text(condition), shell)
            if held == 0 or body is None:
                break
            with shell.scope("continue"):
                walk.walk(body, shell)
            count(text(update), shell)
            if held is None:
                break
    shell.status = None


def test_command(node: Node, shell: Shell) -> None:
    """`[ … ]` and `[[ … ]]`: substitutions within them run; known words are compared."""
    inner = fields(_leaves(node, shell), shell, flow.expander(shell))
    shell.status = holds(inner, node.children[0].type == "[[", shell.folder_named)


def _leaves(node: Node, shell: Shell, depth: int = 0) -> list[Node]:
    """The words and operators of a test, in order."""
    if depth > _DEEPEST:
        shell.unread["it is nested too deep"] = None
        return []
    out: list[Node] = []
    for child in node.children:
        if child.type in _EXPRESSIONS:
            out += _leaves(child, shell, depth + 1)
        elif child.type not in ("[", "]", "[[", "]]"):
            out.append(child)
    return out
