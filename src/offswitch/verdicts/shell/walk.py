"""Walking a script: which commands it runs, in order.

A small abstract interpreter, not a shell. A condition that can be told (`true`, `false`, known words compared) decides;
otherwise all branches count as run. A loop over words runs once a word, one over lines once a line. Everything is
bounded, so that no script is too long, too deep or too clever to be read.
"""

from collections.abc import Callable

from tree_sitter import Node

from offswitch.verdicts.shell import arithmetic, branches, commands, flow
from offswitch.verdicts.shell.grammar import LONGEST, parse, text
from offswitch.verdicts.shell.marks import PIPED, UNKNOWN, texts_in, without_texts
from offswitch.verdicts.shell.ran import Ran
from offswitch.verdicts.shell.state import Shell
from offswitch.verdicts.shell.words import fields, word

_DEEPEST, _CHARACTERS = 40, 200_000
_NESTED = 60  # constructs within each other: what Python's own stack can follow from wherever it is called


def run_command(script: str, shell: Shell) -> None:
    """Read what an agent typed, changing `shell` as it would and telling every command that it runs."""
    with shell.scope("exit", "return", "break", "continue"):
        run_script(script, shell)
        if trapped := shell.traps.pop("EXIT", None):
            run_script(trapped, shell)


def run_script(script: str, shell: Shell) -> None:
    """Read a script that is run within another. Text drawn from files that are not known is told as `PIPED`."""
    shell.characters += len(script)
    if shell.depth >= _DEEPEST or shell.characters > _CHARACTERS or len(script) > LONGEST:
        why = "deeper than 40" if shell.depth >= _DEEPEST else "longer than can be read"
        shell.unread[f"it is {why}"] = None
        if shell.depth:
            return
    if drawn := texts_in(script):
        shell.tell(Ran((PIPED, *drawn), (), shell.source, shell.via))
    shell.depth += 1
    try:
        walk(parse(without_texts(script).replace(UNKNOWN, "")), shell)
    finally:
        shell.depth -= 1


def walk(node: Node, shell: Shell) -> None:
    """Read one node of a script's tree."""
    if not shell.step():
        return
    if shell.nesting >= _NESTED:
        shell.unread["it is nested too deep"] = None
        return
    shell.nesting += 1
    try:
        _READERS.get(node.type, children)(node, shell)
    finally:
        shell.nesting -= 1


def children(node: Node, shell: Shell) -> None:
    """Read the parts of a node one after another."""
    for child in node.named_children:
        walk(child, shell)


def chain(node: Node, shell: Shell, last: Callable[[Node], None] | None = None) -> None:
    """`a && b || c …`, which the grammar nests as deep as the chain is long; `last` runs the last of it, where given."""
    parts: list[tuple[str, list[Node]]] = []
    end = node.named_children[-1] if node.named_children else node
    while node.type == "list" and node.named_children:
        first, *rest = node.named_children
        parts.append((next((c.type for c in node.children if c.type in ("&&", "||")), ""), rest))
        node = first
    walk(node, shell)
    if parts and parts[-1][0] == "&&" and parts[-1][1]:
        flow.claimed(node, parts[-1][1][0], shell)
    for operator, rest in reversed(parts):
        before = shell.status
        if before is not None and before is (operator == "||"):
            continue
        with shell.branch(before is None):
            for part in rest:
                if last is not None and part == end:
                    last(part)
                else:
                    walk(part, shell)
        shell.status = shell.status if before is not None else None


def _function(node: Node, shell: Shell) -> None:
    name, body = text(node.child_by_field_name("name")), node.child_by_field_name("body")
    if body is not None:
        shell.functions[name] = body
        shell.tell(Ran(("function", name), (), text(node), shell.via))


def _subshell(node: Node, shell: Shell) -> None:
    with shell.child():
        children(node, shell)


def _negated(node: Node, shell: Shell) -> None:
    children(node, shell)
    shell.status = None if shell.status is None else not shell.status


def _command(node: Node, shell: Shell) -> None:
    redirects = [c for c in node.children if c.type in flow.REDIRECTS]
    if redirects:
        flow.redirected(node, redirects, shell, lambda: _plain(node, shell))
    else:
        _plain(node, shell)


def _plain(node: Node, shell: Shell) -> None:
    """A command without its redirections; variables set before its name hold for it alone."""
    set_before = [c for c in node.children if c.type == "variable_assignment"]
    nodes = [c for c in node.named_children if c.type not in (*flow.REDIRECTS, "variable_assignment", "ERROR")]
    kept = {n: shell.variables.get(n) for n in (text(c.child_by_field_name("name")) for c in set_before)}
    for child in set_before:
        _assign(child, shell)
    shell.level += "PATH" in kept  # a way of finding commands that is this one's own
    with shell.telling(text(node)):
        commands.simple(tuple(fields(nodes, shell, flow.expander(shell))), shell)
    shell.level -= "PATH" in kept
    for name, value in kept.items():
        if value is None:
            shell.variables.pop(name, None)
        else:
            shell.variables[name] = value


def _assign(node: Node, shell: Shell) -> None:
    name, value = text(node.child_by_field_name("name")), node.child_by_field_name("value")
    shell.status = True
    more = any(c.type == "+=" for c in node.children)
    if value is not None and value.type == "array":
        before = shell.arrays.get(name, []) if more else []
        shell.assign_list(name, [*before, *fields(value.named_children, shell, flow.expander(shell))])
        return
    new = word(value, shell, flow.expander(shell)) if value is not None else ""
    shell.assign(name, (shell.value(name) or "") + new if more else new)


def _assignment(node: Node, shell: Shell) -> None:
    """A variable set by itself, for the shell and not for one command."""
    _assign(node, shell)
    name = text(node.child_by_field_name("name"))
    shell.tell(Ran(("declare", f"{name}={shell.value(name) or ''}"), (), text(node), shell.via))


def _declaration(node: Node, shell: Shell) -> None:
    """`export`, `declare`, `local`, `unset` and their like, which the grammar reads apart from commands."""
    nodes = [c for c in node.named_children if c.type != "variable_assignment"]
    for child in node.named_children:
        if child.type == "variable_assignment":
            _assign(child, shell)
    name = node.children[0].type
    words = [name, *fields(nodes, shell, flow.expander(shell))]
    given = [text(c.child_by_field_name("name")) for c in node.named_children if c.type == "variable_assignment"]
    words += [f"{n}={shell.value(n) or ''}" for n in given]
    with shell.telling(text(node)):
        commands.simple(tuple(words), shell)


def _nothing(node: Node, shell: Shell) -> None:
    """What runs nothing by itself: comments, bare texts, tests of what cannot be told."""


_READERS: dict[str, Callable[[Node, Shell], None]] = {
    "list": chain, "command": _command, "function_definition": _function, "subshell": _subshell,
    "negated_command": _negated, "variable_assignment": _assignment, "declaration_command": _declaration,
    "unset_command": _declaration, "comment": _nothing, "string": _nothing, "raw_string": _nothing, "heredoc_body": _nothing,
    "pipeline": flow.pipeline, "redirected_statement": flow.redirected_statement, "test_command": branches.test_command,
    "if_statement": branches.if_statement, "case_statement": branches.case_statement, "for_statement": branches.for_statement,
    "while_statement": branches.while_statement, "c_style_for_statement": branches.counting_statement,
    "postfix_expression": lambda node, shell: arithmetic.count(text(node), shell),
}  # fmt: skip
