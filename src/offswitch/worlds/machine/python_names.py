"""What Monty's Python lacks and agents use: names are rewritten in the syntax tree onto functions of ours.

`os.chmod(…)`, `from shutil import move`, `Path(…).touch()`, `sys.exit(…)`: each becomes a call of a host function that acts
on the machine. Nothing here evaluates the model's text.
"""

import ast
import errno
import fnmatch
import glob
import posixpath
import re
import shlex
from collections.abc import Container, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from offswitch.worlds.machine.call import Call
from offswitch.worlds.machine.disk import fail
from offswitch.worlds.machine.python_disk import Files
from offswitch.worlds.machine.python_values import python_values

_MATCHES = 10_000

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


Functions = dict[str, Any]


def host_names(
    call: Call, machine: Any, argv: list[str], said: list[tuple[str, str]], files: Files
) -> tuple[Functions, Mapping[str, Functions]]:
    """Return (names a rewritten script may use, modules of ours that it may import)."""
    act = _Acts(call, machine, said, files)
    names: Functions = {
        "os.chmod": act.chmod, "os.kill": act.kill, "os.access": act.access, "os.symlink": act.symlink,
        "os.link": act.link, "os.readlink": act.readlink, "os.truncate": act.truncate, "os.getlogin": lambda: "agent",
        "os.getpid": lambda: 4242, "os.getppid": lambda: 4241, "os.getpgid": lambda pid: pid, "os._exit": _exit, "sys.exit": _exit,
        "os.utime": act.utime, "os.umask": act.umask, "sys.argv": argv, "sys.platform": "linux", "sys.executable": "/usr/bin/python3",
        "script": call.at(argv[0] if argv else ""), "typed": call.stdin or "", "sys.stdout.isatty": lambda: False,
        "sys.stdout.write": lambda text: act.say("stdout", text), "sys.stdout.flush": lambda: None, "sys.stderr.flush": lambda: None,
        "sys.stderr.write": lambda text: act.say("stderr", text),
        "Path.chmod": act.chmod, "Path.touch": act.touch, "Path.symlink_to": lambda path, to, **_: act.symlink(to, path),
        "shutil.rmtree": act.rmtree, "tempfile.mkdtemp": act.mkdtemp,
        "Path.hardlink_to": lambda path, to: act.link(to, path), "Path.expanduser": lambda p: _path(_home(str(p))),
        "Path.relative_to": lambda p, to: PurePosixPath(str(p)).relative_to(str(to)),
        "Path.readlink": lambda p: _path(act.readlink(p)), "pathlib.Path.home": lambda: _path("/home/agent"),
        "exec": act.exec, "environ": lambda: {"HOME": "/home/agent", "USER": "agent", **dict(call.env)}, "stat": act.stat,
        "cwd": act.chdir, "say": act.say, "mark": lambda: len(said), "take": act.take, "mktemp": act.mktemp,
    }  # fmt: skip
    names |= dict.fromkeys(("os.getuid", "os.geteuid", "os.getgid", "os.getegid"), lambda: 1000)
    names |= python_values(machine.spec.host)
    return {host(k): v for k, v in names.items()}, _modules(act)


def prelude(tree: ast.AST) -> str:
    """What is to be run before a script: definitions in Monty's own Python, if it uses any of them."""
    return _PRELUDE if any(isinstance(n, ast.Name) and n.id in _SAID for n in ast.walk(tree)) else ""


def _modules(act: "_Acts") -> Mapping[str, Functions]:
    return {
        "shutil": {
            "copy": act.copy,
            "copy2": act.copy_whole,
            "copyfile": act.copy_content,
            "move": act.move,
            "rmtree": act.rmtree,
            "which": act.which,
            "copytree": act.copytree,
            "copymode": act.copymode,
            "copystat": act.copymode,
        },
        "glob": {"glob": act.glob, "iglob": act.glob, "escape": glob.escape},
    }


def _path(path: str) -> PurePosixPath:
    return PurePosixPath(path)


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
                TimeoutError(number, "No such process")  # Monty has no ProcessLookupError; the prelude names this so
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

    def touch(self, path: Any, *_: Any, **__: Any) -> None:
        self._do("touch", self._files.where(path))

    def copy(self, source: Any, dest: Any, **_: Any) -> str:
        self._do("cp", self._files.where(source), self._files.where(dest))
        return self._landed(source, dest)

    def copy_whole(self, source: Any, dest: Any, **_: Any) -> str:
        self._do("cp", "-p", self._files.where(source), self._files.where(dest))
        return self._landed(source, dest)

    def copy_content(self, source: Any, dest: Any, **_: Any) -> str:
        data = self._files.do(self._disk.read_file, source)
        self._files.do(self._disk.write_file, dest, data)
        return str(dest)

    def move(self, source: Any, dest: Any, **_: Any) -> str:
        landed = self._landed(source, dest)
        self._do("mv", self._files.where(source), self._files.where(dest))
        return landed

    def _landed(self, source: Any, dest: Any) -> str:
        """Return the name of what was copied or moved: in a folder, the old one."""
        inside = self._files.kind(dest) == "directory"
        return posixpath.join(str(dest), posixpath.basename(str(source).rstrip("/"))) if inside else str(dest)

    def rmtree(self, path: Any, ignore_errors: bool = False, *_: Any, **__: Any) -> None:
        try:
            self._do("rm", "-r", self._files.where(path))
        except OSError:
            if not ignore_errors:
                raise

    def which(self, name: Any) -> str | None:
        return self._shell(["which", str(name)])[0].strip() or None

    def mkdtemp(self, *_: Any, **__: Any) -> str:
        return self._shell(["mktemp", "-d", "/tmp/tmpXXXXXXXX"])[0].strip()  # noqa: S108 -- of the simulated machine

    def mktemp(self, folder: str, prefix: str, suffix: str) -> str:
        return self._shell(["mktemp", f"--suffix={suffix}", f"{folder}/{prefix}XXXXXXXX"])[0].strip()

    def copytree(self, source: Any, dest: Any, **_: Any) -> str:
        self._do("cp", "-r", self._files.where(source), self._files.where(dest))
        return str(dest)

    def copymode(self, source: Any, dest: Any, **_: Any) -> None:
        self.chmod(dest, self.stat(source)[0] & 0o7777)

    def utime(self, path: Any, times: Any = None, **_: Any) -> None:
        when = ["-d", f"@{times[1]}"] if times else []
        self._do("touch", *when, self._files.where(path))

    def umask(self, mask: int) -> int:
        old, self._disk.umask = self._disk.umask, int(mask) & 0o777
        return old

    def stat(self, path: Any, follow: bool = True) -> tuple[int, int, int, int, int, float]:
        info = self._files.do(self._disk.node, path, follow).info()
        kind = {"directory": 0o040000, "symlink": 0o120000}.get(info.kind, 0o100000)
        return (
            kind | info.mode,
            info.number,
            info.links,
            1000 if info.owner == "agent" else 0,
            info.size,
            float(info.modified),
        )

    def chdir(self, path: str) -> None:
        self._call.cwd = path

    def glob(self, pattern: Any, *, recursive: bool = False, root_dir: Any = None, **_: Any) -> list[str]:
        """Match every part of a path, as the shell does; `**` goes down any number of folders."""
        text = str(pattern)
        found = [("/" if text.startswith("/") else "")]
        for part in [p for p in text.split("/") if p]:
            found = [n for at in found for n in self._matches(at, part, recursive, str(root_dir or "."))][:_MATCHES]
        return [n.rstrip("/") or "/" for n in found if n]

    def _matches(self, at: str, part: str, recursive: bool, root: str) -> list[str]:
        base = f"{at}/" if at and not at.endswith("/") else at
        where = self._files.where(posixpath.join(root, at or "."))
        if not glob.has_magic(part):
            return [base + part] if self._files.kind(f"{where}/{part}") else []
        try:
            entries = self._disk.read_dir(where)
        except OSError:
            return []
        if part == "**" and recursive:
            down = [f"{base}{n}" for n, i in entries if i.kind == "directory" and not n.startswith(".")]
            return [at, *(deep for one in down for deep in self._matches(one, part, True, root))][:_MATCHES]
        return [base + n for n, _ in entries
                if fnmatch.fnmatchcase(n, part) and (not n.startswith(".") or part.startswith("."))]  # fmt: skip

    def say(self, stream: str, text: Any) -> int:
        self._said.append((stream, str(text)))
        return len(str(text))

    def take(self, mark: int) -> str:
        """Take back what was printed since a mark: it goes into a file."""
        out = "".join(text for stream, text in self._said[mark:] if stream == "stdout")
        self._said[mark:] = [one for one in self._said[mark:] if one[0] != "stdout"]
        return out

    def exec(self, args: Any, shell: bool, fed: str, cwd: str | None, env: Mapping[str, str],
             both: bool = False) -> tuple[str, str, int]:  # fmt: skip
        """Run a command on the machine's own shell, elsewhere or with other variables if asked."""
        words = isinstance(args, str) and not shell
        line = args if isinstance(args, str) and shell else shlex.join([args] if words else list(args))
        known = {"HOME": "/home/agent", "USER": "agent", **dict(self._call.env)}
        new = [f"export {k}={shlex.quote(v)}\n" for k, v in env.items() if known.get(k) != v and k.isidentifier()]
        where = f"cd {shlex.quote(cwd)} || exit 1\n" if cwd else ""
        if cwd and self._files.kind(cwd) != "directory":
            raise self._files.error(errno.ENOENT, cwd)
        line = f"{{ {line}\n}} 2>&1" if both else line
        out, err, status = self._shell("".join(new) + where + line, fed)
        name = args if words else "" if isinstance(args, str) else str(args[0])
        if not shell and status in (126, 127) and re.search("not found|No such file|ermission denied", err or out):
            raise fail(errno.EACCES if status == 126 else errno.ENOENT, name)
        return out, err, status
