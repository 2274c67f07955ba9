"""What Monty's Python lacks and agents use: names are rewritten in the syntax tree onto functions of ours.

`os.chmod(…)`, `from shutil import move`, `Path(…).touch()`, `sys.exit(…)`: each becomes a call of a host function that acts
on the machine. Nothing here evaluates the model's text.
"""

import ast
import re
from collections.abc import Container
from pathlib import Path

_BARE = {n: n for n in ("input", "callable", "IOError", "EnvironmentError", "EOFError", "ProcessLookupError", "ChildProcessError")} | {
    "exit": "sys.exit", "quit": "sys.exit", "__file__": "script",
}  # fmt: skip
_METHODS = (
    "chmod",
    "touch",
    "symlink_to",
    "hardlink_to",
    "expanduser",
    "readlink",
    "stat",
    "lstat",
    "writelines",
    "relative_to",
)  # of a Path, or a file
_OPENING, _UNHEARD = (
    ("open", "read_text", "write_text"),
    ("encoding", "errors", "newline", "buffering"),
)  # all text is UTF-8
# Monty's errors have no attributes; what they say holds the same
_PARTS = {
    "errno": "int(str({0})[7:].partition(']')[0])", "strerror": "str({0}).partition('] ')[2].partition(': ')[0]",
    "returncode": "int(str({0}).rpartition(' ')[2][:-1])", "filename": "str({0}).partition(\": '\")[2][:-1]",
}  # fmt: skip
# modules that are wholly ours: an import of one brings in names only
_OURS = frozenset(
    ("subprocess", "signal", "stat", "tempfile", "io", "string", "argparse", "fileinput", "contextlib", "errno", "pwd", "platform",
     "socket", "getpass", "traceback", "shlex", "textwrap", "fnmatch", "__future__")
)  # fmt: skip
_PRELUDE = (Path(__file__).parent / "files" / "python.tmpl").read_text(encoding="utf-8")
_SAID = frozenset(re.findall(r"^(?:def |class |)(host_\w+)(?: =|\(|:)", _PRELUDE, re.M))


def host(dotted: str) -> str:
    """The name under which a script finds one of our functions."""
    return "host_" + dotted.replace(".", "_")


class Names(ast.NodeTransformer):
    """Rewrites a module's tree; raises nothing."""

    def __init__(self, given: Container[str]) -> None:
        """`given` are the names of ours that the host brings."""
        self._given = given
        self._modules: dict[str, str] = {}
        self._names = dict(_BARE)
        self._caught: set[str] = set()
        self.used = False

    def _has(self, dotted: str) -> bool:
        return bool(dotted) and (host(dotted) in self._given or host(dotted) in _SAID)

    def visit_Import(self, node: ast.Import) -> ast.AST:  # noqa: D102
        for alias in node.names:
            top = alias.name.partition(".")[0]
            self._modules[alias.asname or top] = alias.name if alias.asname else top
        node.names = [alias for alias in node.names if alias.name not in _OURS]
        return node if node.names else ast.Pass()

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:  # noqa: D102
        kept = []
        for alias in node.names:
            dotted = f"{node.module}.{alias.name}"
            if self._has(dotted):
                self._names[alias.asname or alias.name] = dotted
            elif node.module != "__future__":
                self._modules[alias.asname or alias.name] = dotted
                if dotted != "signal.Signals":
                    kept.append(alias)
        node.names = kept
        return node if kept else ast.Pass()

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:  # noqa: D102
        if node.name:
            self._caught.add(node.name)
        return self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:  # noqa: D102
        dotted = self._dotted(node)
        if self._has(dotted):
            return ast.Name(host(dotted), ast.Load())
        if node.attr in _PARTS and isinstance(node.value, ast.Name) and node.value.id in self._caught:
            return ast.parse(_PARTS[node.attr].format(node.value.id), mode="eval").body
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:  # noqa: D102
        if isinstance(node.ctx, ast.Load) and node.id in self._names:
            return ast.Name(host(self._names[node.id]), ast.Load())
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:  # noqa: D102
        func = node.func
        dotted = self._dotted(func)
        if (func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")) in _OPENING:
            node.keywords = [k for k in node.keywords if k.arg not in _UNHEARD]
        if isinstance(func, ast.Attribute) and not self._has(dotted):
            if func.attr in _METHODS and dotted.partition(".")[0] not in ("os", "shutil"):
                node = ast.Call(
                    ast.Name(host(f"Path.{func.attr}"), ast.Load()), [func.value, *node.args], node.keywords
                )
            elif func.attr == "sub" and not dotted:
                node = ast.Call(ast.Name(host("Path.sub"), ast.Load()), [func.value, *node.args], node.keywords)
            elif func.attr == "open" and _updates(node):
                node = ast.Call(ast.Name("host_both", ast.Load()), [func.value, *node.args], node.keywords)
        elif isinstance(func, ast.Name) and func.id == "open" and _updates(node):
            node.func = ast.Name("host_both", ast.Load())
        elif isinstance(func, ast.Name) and func.id == "print" and any(k.arg == "file" for k in node.keywords):
            node.func = ast.Name("host_print", ast.Load())
        return self.generic_visit(node)

    def visit_For(self, node: ast.For) -> ast.AST:
        """A loop over `fileinput.input(…)` closes it at its end: what was printed goes into the file."""
        if isinstance(node.iter, ast.Call) and self._dotted(node.iter.func) in (
            "fileinput.input",
            "fileinput.FileInput",
        ):
            opened, node.iter = node.iter, ast.Name("_lines", ast.Load())
            return self.generic_visit(ast.With([ast.withitem(opened, ast.Name("_lines", ast.Store()))], [node]))
        return self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:  # noqa: D102
        call = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        if isinstance(call, ast.Name) and call.id == "SystemExit":
            arguments = node.exc.args if isinstance(node.exc, ast.Call) else []
            return ast.Expr(ast.Call(ast.Name(host("sys.exit"), ast.Load()), arguments, []))
        return self.generic_visit(node)

    def _dotted(self, node: ast.AST) -> str:
        if isinstance(node, ast.Name):
            return self._modules.get(node.id, "")
        if isinstance(node, ast.Attribute) and (before := self._dotted(node.value)):
            return f"{before}.{node.attr}"
        return ""


def _updates(call: ast.Call) -> bool:
    """Whether a call of `open` asks to read and write at once."""
    words = [*call.args, *(k.value for k in call.keywords if k.arg == "mode")]
    return any(
        isinstance(w, ast.Constant) and isinstance(w.value, str) and re.fullmatch(r"[rwaxbt]*\+[bt]*", w.value)
        for w in words
    )


def prelude(tree: ast.AST) -> str:
    """What is to be run before a script: definitions in Monty's own Python, if it uses any of them."""
    return _PRELUDE if any(isinstance(n, ast.Name) and n.id in _SAID for n in ast.walk(tree)) else ""
