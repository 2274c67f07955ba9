"""What operators make of values that are known, and of those that are not."""

import ast
import operator
from collections.abc import Callable
from typing import Any

from offswitch.verdicts.shell.bounds import LONGEST_WORD, replaced
from offswitch.verdicts.shell.marks import UNKNOWN
from offswitch.verdicts.shell.python import finding
from offswitch.verdicts.shell.python.values import Function, PathText, Ref, known, shown

_NUMBERS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.BitOr: operator.or_, ast.BitAnd: operator.and_, ast.BitXor: operator.xor,
    ast.Mult: operator.mul,
}  # fmt: skip
_LARGEST = 10**12


def compared(op: ast.cmpop, left: Any, right: Any) -> Any:
    """Return whether a comparison holds; UNKNOWN where that cannot be told."""
    if isinstance(op, ast.In | ast.NotIn):
        if isinstance(right, Ref | Function) or not known(right) or not known(left):
            return UNKNOWN
        try:
            return (left in right) is isinstance(op, ast.In)
        except TypeError:
            return UNKNOWN
    if not known(left) or not known(right):
        return UNKNOWN
    if isinstance(op, ast.Eq | ast.Is):
        return left == right
    if isinstance(op, ast.NotEq | ast.IsNot):
        return left != right
    return UNKNOWN


def combined(op: ast.operator, left: Any, right: Any) -> Any:
    """Return what an operator makes of two values."""
    if isinstance(op, ast.Div) and (isinstance(left, PathText) or isinstance(right, PathText)):
        return PathText(finding.joined([shown(left), shown(right)]))
    if (
        isinstance(left, int)
        and isinstance(right, int)
        and type(op) in _NUMBERS
        and max(abs(left), abs(right)) < _LARGEST
    ):
        return _NUMBERS[type(op)](left, right)
    if isinstance(op, ast.Add) and isinstance(left, list) and isinstance(right, list):
        return (left + right)[:1000]
    if isinstance(op, ast.Add) and isinstance(left, str) and isinstance(right, str):
        return (left + right)[:LONGEST_WORD]
    if isinstance(op, ast.Mod) and isinstance(left, str):
        return _percent(left, right)
    return UNKNOWN


def _percent(form: str, given: Any) -> str:
    rest = [shown(v) for v in (given if isinstance(given, list | tuple) else [given])]
    if form.count("%") != len(rest) or any(f"%{c}" not in form for c in "s"[: len(rest)]):
        return UNKNOWN
    for text in rest:
        form = replaced(replaced(form, "%s", text, 1), "%d", text, 1)
    return form
