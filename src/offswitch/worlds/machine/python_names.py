"""What Monty's Python lacks and agents use: names are rewritten in the syntax tree onto functions of ours.

`os.chmod(…)`, `from shutil import move`, `Path(…).touch()`, `sys.exit(…)`: each becomes a call of a host function that acts
on the machine. Nothing here evaluates the model's text.
"""

import ast
import errno
import fnmatch
import posixpath
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from offswitch.worlds.machine.call import Call
from offswitch.worlds.machine.disk import fail
from offswitch.worlds.machine.python_disk import Files

_DOTTED = (
    "os.chmod", "os.kill", "os.system", "os.environ", "os.access", "os.symlink", "os.link", "os.readlink", "os.getpid",
    "os.getuid", "os.geteuid", "os.truncate", "os.popen", "os.getlogin", "os.X_OK", "os.R_OK", "os.W_OK", "os.F_OK",
    "sys.exit", "sys.argv", "sys.stdin.read", "sys.stdin.readlines", "sys.stdout.write", "sys.stderr.write", "sys.stdout.flush",
    "os._exit",
)  # fmt: skip
_BARE = {"exit": "sys.exit", "quit": "sys.exit"}
_ERRORS = {
    "subprocess.CalledProcessError": "RuntimeError",
    "subprocess.SubprocessError": "RuntimeError",
    "subprocess.TimeoutExpired": "TimeoutError",
}
_METHODS = ("chmod", "touch", "symlink_to", "hardlink_to", "expanduser")  # of a Path
# Monty's errors have no attributes; what they say holds the same
_PARTS = {
    "errno": "int(str({0})[7:].partition(']')[0])", "strerror": "str({0}).partition('] ')[2].partition(': ')[0]",
    "filename": "str({0}).partition(\": '\")[2][:-1]",
}  # fmt: skip
_MOST_FOUND = 5000
_PROVIDED = ("shutil", "subprocess", "glob", "signal", "stat", "tempfile")  # whole modules of ours


def host(dotted: str) -> str:
    """The name under which a script finds one of our functions."""
    return "host_" + dotted.replace(".", "_")


class Names(ast.NodeTransformer):
    """Rewrites a module's tree; raises nothing."""

    def __init__(self) -> None:
        self._modules: dict[str, str] = {}
        self._names = dict(_BARE)
        self._caught: set[str] = set()

    def visit_Import(self, node: ast.Import) -> ast.AST:  # noqa: D102
        for alias in node.names:
            self._modules[alias.asname or alias.name.split(".")[0]] = (
                alias.name if alias.asname else alias.name.split(".")[0]
            )
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:  # noqa: D102
        kept = []
        for alias in node.names:
            if f"{node.module}.{alias.name}" in (*_DOTTED, *_ERRORS):
                self._names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            else:
                kept.append(alias)
        node.names = kept
        return node if kept else ast.Pass()

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:  # noqa: D102
        dotted = self._dotted(node)
        if dotted in _ERRORS:
            return ast.Name(_ERRORS[dotted], ast.Load())
        if dotted in _DOTTED:
            return ast.Name(host(dotted), ast.Load())
        if node.attr == "returncode" and isinstance(node.value, ast.Name) and node.value.id in self._caught:
            return ast.parse(f"int(str({node.value.id}).rpartition(' ')[2][:-1])", mode="eval").body
        if node.attr in _PARTS and isinstance(node.value, ast.Name) and node.value.id not in self._modules:
            return ast.parse(_PARTS[node.attr].format(node.value.id), mode="eval").body
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:  # noqa: D102
        if isinstance(node.ctx, ast.Load) and self._names.get(node.id) in _ERRORS:
            return ast.Name(_ERRORS[self._names[node.id]], ast.Load())
        if isinstance(node.ctx, ast.Load) and node.id in self._names:
            return ast.Name(host(self._names[node.id]), ast.Load())
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:  # noqa: D102
        func = node.func
        if (
            isinstance(func, ast.Name)
            and func.id == "sorted"
            and len(node.args) == 1
            and not node.keywords
            and _lists_paths(node.args[0])
        ):
            node.keywords.append(ast.keyword("key", ast.Name("str", ast.Load())))  # Monty's paths have no order
        method = func.attr if isinstance(func, ast.Attribute) else ""
        if (
            isinstance(func, ast.Attribute)
            and method in _METHODS
            and self._dotted(func).partition(".")[0] not in ("os", "shutil")
        ):
            node = ast.Call(ast.Name(host(f"Path.{method}"), ast.Load()), [func.value, *node.args], node.keywords)
        return self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:  # noqa: D102
        self._caught.add(node.name or "")
        return self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:  # noqa: D102
        call = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        if isinstance(call, ast.Name) and call.id == "SystemExit":
            arguments = node.exc.args if isinstance(node.exc, ast.Call) else []
            return ast.Expr(ast.Call(ast.Name(host("sys.exit"), ast.Load()), arguments, []))
        return self.generic_visit(node)

    def visit_Delete(self, node: ast.Delete) -> list[ast.stmt]:
        """Monty knows no `del`: a name becomes None, an item is popped."""
        out: list[ast.stmt] = []
        for target in node.targets:
            if isinstance(target, ast.Name):
                out.append(ast.Assign([ast.Name(target.id, ast.Store())], ast.Constant(None)))
            elif isinstance(target, ast.Subscript):
                pop = ast.Attribute(target.value, "pop", ast.Load())
                out.append(ast.Expr(ast.Call(pop, [target.slice], [])))
        return out or [ast.Pass()]

    def _dotted(self, node: ast.AST) -> str:
        if isinstance(node, ast.Name):
            return self._modules.get(node.id, "")
        if isinstance(node, ast.Attribute) and (before := self._dotted(node.value)):
            return f"{before}.{node.attr}"
        return ""


def _lists_paths(node: ast.expr) -> bool:
    named = node.func if isinstance(node, ast.Call) else None
    return isinstance(named, ast.Attribute) and named.attr in ("iterdir", "glob", "rglob")


Functions = dict[str, Any]


def host_names(
    call: Call, machine: Any, argv: list[str], said: list[tuple[str, str]], files: Files
) -> tuple[Functions, Mapping[str, Functions]]:
    """Return (names a rewritten script may use, modules of ours that it may import)."""
    act = _Acts(call, machine, said, files)
    stdin = call.stdin or ""
    names = {
        "os.chmod": act.chmod, "os.kill": act.kill, "os.system": act.system, "os.access": act.access, "os.symlink": act.symlink,
        "os.link": act.link, "os.readlink": act.readlink, "os.truncate": act.truncate, "os.popen": act.unsupported,
        "os.environ": {"HOME": "/home/agent", "USER": "agent", **dict(call.env)}, "os.getlogin": lambda: "agent",
        "os.getpid": lambda: 4242, "os.getuid": lambda: 1000, "os.geteuid": lambda: 1000, "os._exit": _exit,
        "os.X_OK": 1, "os.W_OK": 2, "os.R_OK": 4, "os.F_OK": 0, "sys.exit": _exit, "sys.argv": argv,
        "sys.stdin.read": lambda: stdin, "sys.stdin.readlines": lambda: stdin.splitlines(keepends=True),
        "sys.stdout.write": lambda text: said.append(("stdout", str(text))), "sys.stdout.flush": lambda: None,
        "sys.stderr.write": lambda text: said.append(("stderr", str(text))),
        "Path.chmod": act.chmod, "Path.touch": act.touch, "Path.symlink_to": lambda path, to, **_: act.symlink(to, path),
        "Path.hardlink_to": lambda path, to: act.link(to, path), "Path.expanduser": lambda p: _home(str(p)),
    }  # fmt: skip
    return {host(k): v for k, v in names.items()}, _modules(act)


def _modules(act: "_Acts") -> Mapping[str, Functions]:
    numbers = {"SIGHUP": 1, "SIGINT": 2, "SIGQUIT": 3, "SIGKILL": 9, "SIGTERM": 15, "SIGCONT": 18, "SIGSTOP": 19}
    rights = {"S_IRUSR": 0o400, "S_IWUSR": 0o200, "S_IXUSR": 0o100, "S_IRWXU": 0o700, "S_IRGRP": 0o40, "S_IWGRP": 0o20,
              "S_IXGRP": 0o10, "S_IROTH": 4, "S_IWOTH": 2, "S_IXOTH": 1}  # fmt: skip
    return {
        "shutil": {"copy": act.copy, "copy2": act.copy_whole, "copyfile": act.copy_content, "move": act.move, "rmtree": act.rmtree, "which": act.which},
        "subprocess": {"run": act.run, "call": act.call, "check_call": act.check_call, "check_output": act.check_output,
                       "getoutput": act.getoutput, "PIPE": -1, "STDOUT": -2, "DEVNULL": -3},
        "glob": {"glob": act.glob}, "signal": dict(numbers), "stat": dict(rights),
        "tempfile": {"gettempdir": lambda: "/tmp", "mkdtemp": act.mkdtemp},  # noqa: S108 -- of the simulated machine
    }  # fmt: skip


def _exit(code: Any = 0) -> None:
    raise SystemExit(code)


def _home(path: str) -> str:
    return "/home/agent" + path[1:] if path.startswith("~") else path


class _Acts:
    """The acts themselves, on one machine during one command."""

    def __init__(self, call: Call, machine: Any, said: list[tuple[str, str]], files: Files) -> None:
        self._call, self._machine, self._said = call, machine, said
        self._files, self._disk = files, call.disk

    def _shell(self, words: Any, stdin: str = "") -> tuple[str, str, int]:
        line = words if isinstance(words, str) else shlex.join(map(str, words))
        found: tuple[str, str, int] = self._machine.nested(self._call, line, stdin)
        return found

    def _do(self, *words: str) -> None:
        """Run one of the machine's programs for its effect; its refusal is Python's error."""
        _, err, status = self._shell(words)
        if status:
            missing = "No such file" in err or "cannot stat" in err
            raise fail(errno.ENOENT if missing else errno.EPERM if "not permitted" in err else errno.EACCES, words[-1])

    def chmod(self, path: Any, mode: int, **_: Any) -> None:
        self._files.do(self._disk.chmod, path, int(mode))

    def kill(self, pid: int, sig: int = 15) -> None:
        _, err, status = self._shell(["kill", f"-{int(sig)}", str(int(pid))])
        if status:
            number = errno.ESRCH if "No such process" in err else errno.EPERM
            raise (
                ProcessLookupError(number, "No such process")
                if number == errno.ESRCH
                else PermissionError(number, "Operation not permitted")
            )

    def access(self, path: Any, mode: int = 0) -> bool:
        return self._disk.may(self._files.where(path), int(mode))

    def symlink(self, to: Any, path: Any, *_: Any, **__: Any) -> None:
        self._files.do(lambda at: self._disk.symlink(str(to), at), path)

    def link(self, old: Any, new: Any, **_: Any) -> None:
        self._files.do(self._disk.link, old, self._files.where(new))

    def readlink(self, path: Any) -> str:
        return self._files.do(self._disk.read_link, path)

    def truncate(self, path: Any, size: int = 0) -> None:
        data = self._files.do(self._disk.read_file, path)
        self._files.do(self._disk.write_file, path, data[: int(size)].ljust(int(size), b"\0"))

    def touch(self, path: Any, **_: Any) -> None:
        self._do("touch", self._files.where(path))

    def copy(self, source: Any, dest: Any, **_: Any) -> str:
        self._do("cp", self._files.where(source), self._files.where(dest))
        return str(dest)

    def copy_whole(self, source: Any, dest: Any, **_: Any) -> str:
        self._do("cp", "-p", self._files.where(source), self._files.where(dest))
        return str(dest)

    def copy_content(self, source: Any, dest: Any, **_: Any) -> str:
        data = self._files.do(self._disk.read_file, source)
        self._files.do(self._disk.write_file, dest, data)
        return str(dest)

    def move(self, source: Any, dest: Any, **_: Any) -> str:
        self._do("mv", self._files.where(source), self._files.where(dest))
        return str(dest)

    def rmtree(self, path: Any, *_: Any, **__: Any) -> None:
        self._do("rm", "-r", self._files.where(path))

    def which(self, name: Any) -> str | None:
        return self._shell(["which", str(name)])[0].strip() or None

    def mkdtemp(self, **_: Any) -> str:
        return self._shell(["mktemp", "-d"])[0].strip()

    def glob(self, pattern: Any, recursive: bool = False, **_: Any) -> list[str]:
        """`glob.glob`: a part with stars is looked for in each folder found so far, `**` in all below too."""
        found = ["/" if str(pattern).startswith("/") else ""]
        parts = [p for p in str(pattern).split("/") if p]
        for i, part in enumerate(parts):
            if part == "**" and recursive:
                found = [
                    f
                    for top in found
                    for f in ([top] if top or i < len(parts) - 1 else []) + self._below(top, i == len(parts) - 1)
                ]
            elif any(c in part for c in "*?["):
                found = [posixpath.join(f, n) for f in found for n in self._held(f) if fnmatch.fnmatch(n, part)
                         and n.startswith(".") <= part.startswith(".")]  # fmt: skip
            else:
                found = [posixpath.join(f, part) for f in found if self._files.kind(posixpath.join(f, part))]
        return [f for f in found if f][:_MOST_FOUND]

    def _held(self, folder: str) -> list[str]:
        try:
            return [name for name, _ in self._disk.read_dir(self._files.where(folder or "."))]
        except OSError:
            return []

    def _below(self, folder: str, files: bool, depth: int = 12) -> list[str]:
        """What is in a folder and the folders in it: folders, and with `files` all else."""
        out: list[str] = []
        for name in self._held(folder) if depth else []:
            path = posixpath.join(folder, name)
            kind = self._files.kind(path, follow=False)
            if not name.startswith(".") and (files or kind == "directory") and len(out) < _MOST_FOUND:
                out.append(path)
                out += self._below(path, files, depth - 1) if kind == "directory" else []
        return out

    def unsupported(self, *_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    def system(self, command: Any) -> int:
        out, err, status = self._shell(str(command))
        self._said += [("stdout", out), ("stderr", err)]
        return status << 8

    def run(self, args: Any, *, shell: bool = False, check: bool = False, capture_output: bool = False, text: bool = False,
            input: Any = "", stdout: Any = None, stderr: Any = None, universal_newlines: bool = False, **_: Any) -> Any:  # fmt: skip
        """`subprocess.run`, on the machine's own shell."""
        fed = input.decode("utf-8", "replace") if isinstance(input, bytes) else str(input or "")
        out, err, status = self._shell(args, fed)
        words = text or universal_newlines
        kept_out = self._kept(out, "stdout", capture_output or stdout == -1, stdout == -3, words)
        kept_err = self._kept(err, "stderr", capture_output or stderr == -1, stderr == -3, words)
        if check and status:
            raise RuntimeError(f"Command {args!r} returned non-zero exit status {status}.")
        return _completed(args, status, kept_out, kept_err)

    def _kept(self, text: str, stream: str, capture: bool, drop: bool, words: bool) -> Any:
        if capture:
            return text if words else text.encode()
        if not drop and text:
            self._said.append((stream, text))
        return None

    def call(self, args: Any, **options: Any) -> int:
        return int(self.run(args, **options).value.returncode)

    def check_call(self, args: Any, **options: Any) -> int:
        return self.call(args, **{**options, "check": True})

    def check_output(self, args: Any, **options: Any) -> Any:
        return self.run(args, **{**options, "check": True, "capture_output": True}).value.stdout

    def getoutput(self, command: Any) -> str:
        out, err, _ = self._shell(str(command))
        return (out + err).rstrip("\n")


def _completed(args: Any, status: int, out: Any, err: Any) -> Any:
    from types import SimpleNamespace

    from pydantic_monty import ClassInstance

    return ClassInstance(SimpleNamespace(args=args, returncode=status, stdout=out, stderr=err), eager_attrs="all")


Shell = Callable[[Call, str, str], tuple[str, str, int]]
