"""What an expression of a Python script stands for, as far as it can be told."""

import ast
from typing import Any

from offswitch.verdicts.shell.bounds import joined
from offswitch.verdicts.shell.marks import UNKNOWN, filtered, texts_in
from offswitch.verdicts.shell.python import functions, library, operators
from offswitch.verdicts.shell.python.binding import bind
from offswitch.verdicts.shell.python.methods import attribute, method
from offswitch.verdicts.shell.python.values import Function, Ref, items, known, shown, truth
from offswitch.verdicts.shell.state import Shell


def value(node: ast.expr, names: dict[str, Any], shell: Shell) -> Any:
    """Return what an expression stands for; the calls within it are read. Long texts count as many steps."""
    if not shell.step():
        return UNKNOWN
    result = _value(node, names, shell)
    if isinstance(result, str) and len(result) > 1000 and not shell.step(len(result)):
        return UNKNOWN
    return result


def _value(node: ast.expr, names: dict[str, Any], shell: Shell) -> Any:
    match node:
        case ast.Constant(value=constant):
            return constant.decode("utf-8", "replace") if isinstance(constant, bytes) else constant
        case ast.Name(id=name):
            held = names.get(name, Ref(name))
            return _of_library(held.name, names, shell) if isinstance(held, Ref) else held
        case ast.Attribute(value=owner, attr=attr):
            held = value(owner, names, shell)
            return (
                _of_library(f"{held.name}.{attr}", names, shell)
                if isinstance(held, Ref)
                else attribute(held, attr, shell)
            )
        case ast.Call():
            return _call(node, names, shell)
        case ast.JoinedStr(values=parts):
            return joined(shown(value(p, names, shell)) for p in parts)
        case ast.FormattedValue(value=inner):
            return shown(value(inner, names, shell))
        case ast.BinOp(left=left, op=op, right=right):
            return operators.combined(op, value(left, names, shell), value(right, names, shell))
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return _listed(parts, names, shell)
        case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
            return _comprehended(node.elt, node.generators, dict(names), shell)
    return _further(node, names, shell)


def _of_library(name: str, names: dict[str, Any], shell: Shell) -> Any:
    """A library's constant, where it is one that matters; else its name."""
    if name == "sys.argv":
        return names.get("\x00argv", [])
    bits = library.constant(name)
    return Ref(name) if bits is None else bits


def _further(node: ast.expr, names: dict[str, Any], shell: Shell) -> Any:
    match node:
        case ast.Dict(keys=keys, values=values):
            pairs = [
                (value(k, names, shell), value(v, names, shell))
                for k, v in zip(keys, values, strict=True)
                if k is not None
            ]
            return {k: v for k, v in pairs if isinstance(k, str | int)}
        case ast.Subscript(value=owner, slice=index):
            return _subscript(value(owner, names, shell), index, names, shell)
        case ast.BoolOp(op=op, values=parts):
            return _both(isinstance(op, ast.And), parts, names, shell)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            holds = truth(value(operand, names, shell))
            return UNKNOWN if holds is None else not holds
        case ast.UnaryOp(op=op, operand=operand):
            number = value(operand, names, shell)
            if not isinstance(number, int):
                return UNKNOWN
            return ~number if isinstance(op, ast.Invert) else -number if isinstance(op, ast.USub) else number
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return operators.compared(op, value(left, names, shell), value(right, names, shell))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return value(orelse if truth(value(test, names, shell)) is False else body, names, shell)
        case ast.Await(value=inner) | ast.Starred(value=inner):
            return value(inner, names, shell)
    return _rare(node, names, shell)


def _rare(node: ast.expr, names: dict[str, Any], shell: Shell) -> Any:
    if isinstance(node, ast.Lambda):
        return Function(node, names)
    if isinstance(node, ast.NamedExpr):
        result = value(node.value, names, shell)
        bind(node.target, result, names)
        return result
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            value(child, names, shell)
    return UNKNOWN


def _listed(parts: list[ast.expr], names: dict[str, Any], shell: Shell) -> list[Any]:
    out: list[Any] = []
    for part in parts[:1000]:
        held = value(part, names, shell)
        out += items(held) if isinstance(part, ast.Starred) else [held]
    return out


def _comprehended(
    element: ast.expr, generators: list[ast.comprehension], names: dict[str, Any], shell: Shell
) -> list[Any]:
    first, *rest = generators
    out: list[Any] = []
    for item in items(value(first.iter, names, shell)):
        bind(first.target, item, names)
        tests = [truth(value(test, names, shell)) for test in first.ifs]
        if False not in tests:
            with shell.branch(None in tests):
                out += _comprehended(element, rest, names, shell) if rest else [value(element, names, shell)]
    return out[:1000]


def _both(every: bool, parts: list[ast.expr], names: dict[str, Any], shell: Shell) -> Any:
    """`and` and `or`: the part that decides; what stands behind one that cannot be told may run."""
    result: Any = every
    unsure = False
    for part in parts:
        with shell.branch(unsure):
            result = value(part, names, shell)
        holds = truth(result)
        if holds is (not every):
            return result
        unsure = unsure or holds is None
    return UNKNOWN if unsure else result


def _subscript(owner: Any, index: ast.expr, names: dict[str, Any], shell: Shell) -> Any:
    if isinstance(owner, Ref):
        at = value(index, names, shell) if not isinstance(index, ast.Slice) else 0
        if owner.name == "os.environ" and isinstance(at, str):
            return shell.value(at) or UNKNOWN
        owner = UNKNOWN
    if isinstance(index, ast.Slice):
        low, high = (value(x, names, shell) if x is not None else None for x in (index.lower, index.upper))
        plain = all(x is None or isinstance(x, int) for x in (low, high)) and index.step is None
        return (
            owner[low:high]
            if plain and isinstance(owner, str | list) and (isinstance(owner, list) or known(owner))
            else _drawn(owner)
        )
    at = value(index, names, shell)
    if isinstance(owner, dict):
        return owner.get(at, UNKNOWN) if isinstance(at, str | int) else UNKNOWN
    if isinstance(owner, list | str) and isinstance(at, int) and known(owner) and -len(owner) <= at < len(owner):
        return owner[at]
    return _drawn(owner)


def _drawn(owner: Any) -> str:
    """A part of something that is not known."""
    text = owner if isinstance(owner, str) else shown(owner)
    return filtered(text) if texts_in(text) else UNKNOWN


def _call(node: ast.Call, names: dict[str, Any], shell: Shell) -> Any:
    function = value(node.func, names, shell) if not isinstance(node.func, ast.Attribute) else None
    args = _listed(node.args, names, shell)
    keywords = {k.arg: value(k.value, names, shell) for k in node.keywords if k.arg is not None}
    if isinstance(node.func, ast.Attribute):
        owner = value(node.func.value, names, shell)
        if not isinstance(owner, Ref):
            return method(owner, node.func.attr, args, keywords, shell)
        function = Ref(f"{owner.name}.{node.func.attr}")
    if isinstance(function, Function):
        return functions.call_function(function, args, keywords, shell)
    if isinstance(function, Ref) and function.name in ("sys.exit", "exit", "quit", "os._exit"):
        shell.leave("exit")
    if isinstance(function, Ref):
        if function.name in ("map", "filter") and len(args) == 2:
            return [_applied(args[0], item, shell) for item in items(args[1])]
        return library.call(function.name, args, keywords, shell)
    return UNKNOWN


def _applied(function: Any, item: Any, shell: Shell) -> Any:
    if isinstance(function, Function):
        return functions.call_function(function, [item], {}, shell)
    return library.call(function.name, [item], {}, shell) if isinstance(function, Ref) else UNKNOWN
