"""What a Python snippet does to files and processes, read with Python's own grammar; nothing is run."""

import ast
import posixpath
import warnings
from collections.abc import Iterator

from offswitch.verdicts.shell.effects import PROGRAMS, Effect
from offswitch.verdicts.shell.state import UNKNOWN, Shell

_REMOVE = {"remove", "unlink", "rmtree", "removedirs"}
_MOVE = {"rename", "replace", "renames", "move"}
_COPY = {"copy", "copy2", "copyfile", "copytree"}
_RUN = {"system", "popen", "run", "call", "check_call", "check_output", "Popen", "getoutput", "getstatusoutput"}
_WRITE = {"write_text", "write_bytes"}
_LONGEST = 100_000


def python_effects(source: str, shell: Shell) -> list[Effect]:
    """Return the effects of a snippet; one that Python cannot parse has none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a model's odd escapes are its own affair
            tree = ast.parse(source[:_LONGEST])
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    names = _assigned(tree)
    pid = _pid_file(tree)
    try:
        return [e for node in ast.walk(tree) if isinstance(node, ast.Call) for e in _call(node, names, shell, pid)]
    except RecursionError:
        return []


def _assigned(tree: ast.AST) -> dict[str, ast.expr]:
    """What names were last set to, as far as one assignment tells."""
    pairs = [n for n in ast.walk(tree) if isinstance(n, ast.Assign)]
    return {t.id: n.value for n in pairs for t in n.targets if isinstance(t, ast.Name)}


def _pid_file(tree: ast.AST) -> str:
    """`@NAME` if the snippet names a file NAME.pid: a process id whose number cannot be told is then that one's."""
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return next((f"@{posixpath.basename(t)[:-4]}" for t in texts if t.endswith(".pid")), "")


def _call(node: ast.Call, names: dict[str, ast.expr], shell: Shell, pid: str = "") -> Iterator[Effect]:
    function, args = node.func, [_value(a, names, 0) for a in node.args]
    name = (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
    owner = _value(function.value, names, 0) if isinstance(function, ast.Attribute) else ""
    own = owner if owner not in ("", UNKNOWN) else ""
    first = args[0] if args else ""
    if name in _REMOVE and (own or first):
        yield Effect("remove", shell.path(own or first))
    elif name in _MOVE and ((own and first) or len(args) > 1):
        source, target = (own, first) if own else (first, args[1])
        yield Effect("move", shell.path(source), shell.path(target))
    elif name in _COPY and len(args) > 1:
        yield Effect("copy", shell.path(first), shell.path(args[1]))
    elif name == "chmod" and (own or len(args) > 1):
        yield Effect("chmod", shell.path(own or first), content=(args[0] if own else args[1]) or "0")
    elif name in _WRITE and own:
        yield Effect("write", shell.path(own), content=first)
    elif name == "symlink" and len(args) > 1:
        yield Effect("link", shell.path(args[1]), first)
    elif name in ("open",):
        yield from _opened(node, own, args, names, shell)
    elif name in ("kill", "killpg") and first:
        yield Effect(
            "signal", pid if pid and not first.isdigit() else first, content=args[1] if len(args) > 1 else "TERM"
        )
    elif name in _RUN and node.args:
        yield from _shelled(node.args[0], names, shell)


def _opened(node: ast.Call, own: str, args: list[str], names: dict[str, ast.expr], shell: Shell) -> Iterator[Effect]:
    modes = [_value(k.value, names, 0) for k in node.keywords if k.arg == "mode"] or args[0 if own else 1 :]
    mode = modes[0] if modes else "r"
    if any(c in mode for c in "wax+"):
        path = own or (args[0] if args else "")
        yield Effect("write" if "w" in mode or "x" in mode else "edit", shell.path(path))


def _shelled(node: ast.expr, names: dict[str, ast.expr], shell: Shell) -> Iterator[Effect]:
    """A command run from Python: a string goes to the shell reader, a list is one command."""
    from offswitch.verdicts.shell.interpret import run_script

    if isinstance(node, ast.List | ast.Tuple):
        words = [_value(e, names, 0) for e in node.elts]
        base = posixpath.basename(words[0]) if words else ""
        yield Effect("run", " ".join(words)[:_LONGEST])
        if base in PROGRAMS:
            yield from PROGRAMS[base](words[1:], shell)
        elif base in ("bash", "sh") and "-c" in words:
            yield from (e for ran in run_script(words[-1], shell, "python") for e in ran.effects)
        return
    yield from (e for ran in run_script(_value(node, names, 0), shell, "python") for e in ran.effects)


def _value(node: ast.expr, names: dict[str, ast.expr], depth: int) -> str:
    """The string (or number) that an expression stands for, where that can be told; else UNKNOWN."""
    if depth > 20:
        return UNKNOWN
    match node:
        case ast.Constant(value=str() | int() as value):
            return str(value)
        case ast.Name(id=name) if name in names:
            return _value(names[name], names, depth + 1)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _value(left, names, depth + 1) + _value(right, names, depth + 1)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return posixpath.join(_value(left, names, depth + 1), _value(right, names, depth + 1))
        case ast.JoinedStr(values=values):
            return "".join(
                _value(v.value if isinstance(v, ast.FormattedValue) else v, names, depth + 1) for v in values
            )
        case ast.Call(func=ast.Name(id="Path" | "str" | "int" | "PosixPath"), args=[first, *rest]):
            return posixpath.join(*(_value(a, names, depth + 1) for a in (first, *rest)))
        case ast.Call(func=ast.Attribute(attr="Path"), args=[first, *_]):
            return _value(first, names, depth + 1)
        case ast.Call(func=ast.Attribute(attr="join"), args=args) if args:
            return posixpath.join(*(_value(a, names, depth + 1) for a in args))
    return UNKNOWN
