"""What an assignment sets."""

import ast
from typing import Any

from offswitch.verdicts.shell.marks import UNKNOWN


def bind(target: ast.expr, value: Any, names: dict[str, Any]) -> None:
    """Set what an assignment sets."""
    if isinstance(target, ast.Name):
        names[target.id] = value
    elif isinstance(target, ast.Tuple | ast.List):
        fits = isinstance(value, list | tuple) and len(value) == len(target.elts)
        for i, each in enumerate(target.elts):
            bind(each, value[i] if fits else UNKNOWN, names)
    elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        held, key = names.get(target.value.id), target.slice
        if isinstance(held, dict) and isinstance(key, ast.Constant):
            held[key.value] = value
