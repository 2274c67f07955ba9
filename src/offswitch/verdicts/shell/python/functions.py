"""Functions of a script, read when they are called."""

import ast
from collections.abc import Sequence
from typing import Any

from offswitch.verdicts.shell.marks import UNKNOWN
from offswitch.verdicts.shell.python import evaluate, statements
from offswitch.verdicts.shell.python.values import Function
from offswitch.verdicts.shell.state import Shell

_CALLS = 3  # a function that calls itself has been read by then


class Return(Exception):  # a way out of a function, not an error
    """`return`, with its value."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


def call_function(function: Function, args: Sequence[Any], keywords: dict[str, Any], shell: Shell) -> Any:
    """Read a function of the script as it is called."""
    node = function.node
    calls = function.names.setdefault("\x00calls", [])
    if calls.count(node) >= _CALLS:
        return UNKNOWN
    local = dict(function.names)
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    defaults = node.args.defaults
    for name, default in zip(names[len(names) - len(defaults) :], defaults, strict=True):
        local[name] = evaluate.value(default, function.names, shell)
    local |= dict(zip(names, args, strict=False)) | keywords
    if node.args.vararg is not None:
        local[node.args.vararg.arg] = list(args[len(names) :])
    calls.append(node)
    try:
        if isinstance(node, ast.Lambda):
            return evaluate.value(node.body, local, shell)
        with shell.scope("return", "raise"):
            statements.block(node.body, local, shell)
        return local.get("\x00returned")
    except Return as done:
        return done.value
    finally:
        calls.pop()
