"""Syntax that Monty lacks, said in what it has: generators, decorated methods, inheritance, `del`.

A generator becomes a function that returns all that it would yield; a class that inherits gets its base's methods copied in.
"""

import ast
import copy
from typing import Any

_LISTING = (
    "enumerate",
    "list",
    "sorted",
    "tuple",
    "set",
    "any",
    "all",
    "zip",
    "map",
    "filter",
    "sum",
    "max",
    "min",
    "len",
)
_Def = ast.FunctionDef
_CLASSES = 30  # a script's that may inherit: each copies


class Syntax(ast.NodeTransformer):
    """Rewrites a module's tree; raises nothing."""

    def __init__(self) -> None:
        self._classes: dict[str, list[ast.stmt]] = {}
        self._properties: set[str] = set()
        self._static: set[str] = set()

    def visit_FunctionDef(self, node: _Def) -> ast.AST:  # noqa: D102
        self.generic_visit(node)
        yields = _Yields()
        body = [yields.visit(s) for s in node.body]
        if yields.found:
            start = ast.parse("_yielded = []").body
            node.body = [*start, *body, *ast.parse("return iter(_yielded)").body]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:  # noqa: D102
        node.keywords = []
        bases = [b.id for b in node.bases if isinstance(b, ast.Name)]
        own = [s for s in node.body if not _is_said(s)]
        if bases and bases[0] not in self._classes and bases[0] != "object" and not own:
            return ast.Assign([ast.Name(node.name, ast.Store())], node.bases[0])
        body = [self._method(node.name, s) if isinstance(s, _Def) else s for s in node.body]
        names = {s.name for s in body if isinstance(s, _Def)}
        for base in bases[:1]:
            if base in self._classes and len(self._classes) < _CLASSES:
                body += [
                    copy.deepcopy(s) for s in self._classes[base] if not isinstance(s, _Def) or s.name not in names
                ]
                node.bases = []
        if bases == ["object"]:
            node.bases = []
        node.body = body
        self._classes[node.name] = [s for s in body if not _is_said(s)]
        return self.generic_visit(node)

    def _method(self, owner: str, node: _Def) -> _Def:
        marks = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
        if "property" in marks:
            self._properties.add(node.name)
        if marks & {"staticmethod", "classmethod"}:
            self._static.add(node.name)
        if "classmethod" in marks and node.args.args:
            first = node.args.args.pop(0).arg
            node.body.insert(0, ast.Assign([ast.Name(first, ast.Store())], ast.Name(owner, ast.Load())))
        if marks & {"property", "staticmethod", "classmethod"}:
            node.decorator_list = []
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:  # noqa: D102
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load) and node.attr in self._properties:
            return ast.Call(node, [], [])
        if node.attr in self._static and isinstance(node.value, ast.Name) and node.value.id == "self":
            node.value = ast.Call(ast.Name("type", ast.Load()), [node.value], [])
        return node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:  # noqa: D102
        self.generic_visit(node)
        return ast.Call(ast.Name("iter", ast.Load()), [ast.ListComp(node.elt, node.generators)], [])

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:  # noqa: D102
        self.generic_visit(node)
        node.iter = _items(node.iter)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """An open file is read where a call of these goes through it."""
        self.generic_visit(node)
        named = node.func.id if isinstance(node.func, ast.Name) else ""
        if named == "sorted" and len(node.args) == 1 and not node.keywords and _lists_paths(node.args[0]):
            node.keywords = [ast.keyword("key", ast.Name("str", ast.Load()))]  # Monty's paths have no order
        if named in _LISTING:
            node.args = [_items(a) for a in node.args]
        return node

    def visit_Delete(self, node: ast.Delete) -> list[ast.stmt]:
        """Monty knows no `del`: a name becomes None, an item is popped, a slice emptied."""
        self.generic_visit(node)
        out: list[ast.stmt] = []
        for target in node.targets:
            if isinstance(target, ast.Name):
                out.append(ast.Assign([ast.Name(target.id, ast.Store())], ast.Constant(None)))
            elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice):
                out.append(
                    ast.Assign([ast.Subscript(target.value, target.slice, ast.Store())], ast.List([], ast.Load()))
                )
            elif isinstance(target, ast.Subscript):
                pop = ast.Attribute(target.value, "pop", ast.Load())
                out.append(ast.Expr(ast.Call(pop, [target.slice], [])))
        return out or [ast.Pass()]


class _Yields(ast.NodeTransformer):
    """Rewrites one function's own `yield`s."""

    def __init__(self) -> None:
        self.found = False

    def visit_FunctionDef(self, node: _Def) -> ast.AST:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return node

    def visit_Yield(self, node: ast.Yield) -> ast.AST:
        return self._added("append", node.value or ast.Constant(None))

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.AST:
        return self._added("extend", _items(node.value))

    def visit_Return(self, node: ast.Return) -> ast.AST:
        """Ends the generator; asked of functions that yield before this only."""
        return node if not self.found else ast.Return(ast.parse("iter(_yielded)", mode="eval").body)

    def _added(self, how: str, value: ast.expr) -> ast.AST:
        self.found = True
        return ast.Call(ast.Attribute(ast.Name("_yielded", ast.Load()), how, ast.Load()), [value], [])


def _items(node: ast.expr) -> ast.expr:
    if isinstance(node, (ast.Name, ast.Call)) and not isinstance(getattr(node, "func", None), ast.Attribute):
        return ast.Call(ast.Name("host_items", ast.Load()), [node], [])
    return node


def _is_said(node: Any) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _lists_paths(node: ast.expr) -> bool:
    named = node.func if isinstance(node, ast.Call) else None
    return isinstance(named, ast.Attribute) and named.attr in ("iterdir", "glob", "rglob")
