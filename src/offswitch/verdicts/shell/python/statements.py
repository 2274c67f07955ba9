"""The statements of a Python script, in order: branches whose condition cannot be told run, loops once an item."""

import ast
from collections.abc import Sequence
from typing import Any

from offswitch.verdicts.shell.marks import UNKNOWN
from offswitch.verdicts.shell.python import evaluate, functions, operators
from offswitch.verdicts.shell.python.binding import bind
from offswitch.verdicts.shell.python.values import Function, Ref, items, shown, truth
from offswitch.verdicts.shell.ran import Ran
from offswitch.verdicts.shell.state import Shell


def block(body: Sequence[ast.stmt], names: dict[str, Any], shell: Shell) -> None:
    """Read statements one after another."""
    for node in body:
        if not shell.step():
            return
        statement(node, names, shell)


def statement(node: ast.stmt, names: dict[str, Any], shell: Shell) -> None:
    """Read one statement."""
    match node:
        case ast.Import(names=aliases):
            for alias in aliases:
                names[alias.asname or alias.name.split(".")[0]] = Ref(
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        case ast.ImportFrom(module=module, names=aliases):
            names |= {a.asname or a.name: Ref(f"{module}.{a.name}") for a in aliases}
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            names[name] = Function(node, names)
        case ast.ClassDef(body=body):
            names[node.name] = UNKNOWN
            block([b for b in body if isinstance(b, ast.Assign | ast.Expr)], dict(names), shell)
        case ast.Return(value=value):
            result = evaluate.value(value, names, shell) if value is not None else None
            if shell.maybe <= shell.bases.get("return", 0):
                raise functions.Return(result)
            names["\x00returned"] = result
        case ast.Expr(value=value):
            evaluate.value(value, names, shell)
        case ast.Break() | ast.Continue():
            shell.leave("break" if isinstance(node, ast.Break) else "continue")
        case ast.Raise():
            shell.leave("raise")
        case _:
            _compound(node, names, shell)


def _compound(node: ast.stmt, names: dict[str, Any], shell: Shell) -> None:
    match node:
        case ast.Assign(targets=targets, value=value):
            result = evaluate.value(value, names, shell)
            for target in targets:
                bind(target, result, names)
                _exported(target, result, names, shell)
        case ast.AnnAssign(target=target, value=value) if value is not None:
            bind(target, evaluate.value(value, names, shell), names)
        case ast.AugAssign(target=target, op=op, value=value):
            left = (
                evaluate.value(ast.Name(target.id, ast.Load()), names, shell)
                if isinstance(target, ast.Name)
                else UNKNOWN
            )
            bind(target, operators.combined(op, left, evaluate.value(value, names, shell)), names)
        case ast.If(test=test, body=body, orelse=orelse):
            _if(truth(evaluate.value(test, names, shell)), body, orelse, names, shell)
        case ast.For() | ast.AsyncFor() | ast.While():
            _loop(node, names, shell)
        case ast.With(items=withs, body=body) | ast.AsyncWith(items=withs, body=body):
            for item in withs:
                result = evaluate.value(item.context_expr, names, shell)
                if item.optional_vars is not None:
                    bind(item.optional_vars, result, names)
            block(body, names, shell)
        case ast.Try():
            _try(node, names, shell)
        case ast.Match(subject=subject, cases=cases):
            evaluate.value(subject, names, shell)
            for case in cases:
                with shell.branch(True):
                    block(case.body, names, shell)


def _exported(target: ast.expr, value: Any, names: dict[str, Any], shell: Shell) -> None:
    """`os.environ[NAME] = …` sets a variable as `export` does."""
    if isinstance(target, ast.Subscript) and ast.unparse(target.value) in ("os.environ", "environ"):
        key = evaluate.value(target.slice, names, shell)
        shell.tell(Ran(("export", f"{shown(key)}={shown(value)}"), (), shell.source, shell.via))


def _if(
    holds: bool | None, body: Sequence[ast.stmt], other: Sequence[ast.stmt], names: dict[str, Any], shell: Shell
) -> None:
    with shell.branch(holds is None):
        if holds is not False:
            block(body, names, shell)
        if not holds:
            block(other, names, shell)


def _loop(node: ast.For | ast.AsyncFor | ast.While, names: dict[str, Any], shell: Shell) -> None:
    """A loop: once an item, or once where there is no telling how often."""
    over = [None] if isinstance(node, ast.While) else items(evaluate.value(node.iter, names, shell))
    with shell.scope("break"):
        for item in over:
            if isinstance(node, ast.While):
                if truth(evaluate.value(node.test, names, shell)) is False:
                    break
            else:
                bind(node.target, item, names)
            with shell.branch(item == UNKNOWN), shell.scope("continue"):
                block(node.body, names, shell)
    with shell.branch(True):
        block(node.orelse, names, shell)


def _try(node: ast.Try, names: dict[str, Any], shell: Shell) -> None:
    with shell.scope("raise"):
        block(node.body, names, shell)
    for handler in node.handlers:
        with shell.branch(True):
            block(handler.body, names, shell)
    block([*node.orelse, *node.finalbody], names, shell)
