"""A machine's tree of folders on a real disk, and a real bash in it: bubblewrap with fresh namespaces, no network, no root.

Bash and its programs are the host's, read-only; every other folder is laid out from the same tree as the in-memory
machine's. Run from root, the agent is an account without rights on the host, so that what root owns it cannot change.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from offswitch.worlds.machine.nodes import Node

_ACCOUNT = 12_345  # no account of the host's; inside it is 1000
_HOSTS = ("usr", "bin", "sbin", "lib", "proc", "dev")  # what the host or bwrap brings
_NAMESPACES = ("--unshare-all", "--die-with-parent", "--new-session", "--uid", "1000", "--gid", "1000", "--clearenv")


class Said(NamedTuple):
    """What one call printed, its errors among it, and its exit status."""

    out: str
    status: int


class Found(NamedTuple):
    """What stands at a path."""

    kind: str
    mode: int
    content: bytes


class Box:
    """A root folder on the host, entered through bwrap."""

    def __init__(self, root: Path, tree: Node, env: Mapping[str, str], host: str, cwd: str) -> None:
        self._root, self._env, self._host, self._cwd = root, dict(env), host, cwd
        top = Node("directory", 0o755, "root", held={k: v for k, v in tree.held.items() if k not in _HOSTS})
        _lay(top, root / "root")
        _lay(tree.held["usr"].held["local"], root / "usr-local")
        for name in ("bin", "sbin", "lib", "lib64"):
            (root / "root" / name).symlink_to(f"usr/{name}")
        for name in ("usr", "proc", "dev", ".calls", "etc/alternatives"):  # the host's are mounted there
            (root / "root" / name).mkdir()

    def run(self, calls: Sequence[str], before: str = "", seconds: float = 20.0) -> list[Said]:
        """Run calls one after another in one shell, after what is unseen `before` them.

        A call that the shell did not live to see is left out.
        """
        place = self._root / "calls"
        place.mkdir()
        for i, call in enumerate(calls):
            (place / str(i)).write_text(call, encoding="utf-8")
        _hand_over(place, *place.iterdir())
        words = [*self._entered(), "bash", "-c", f"{before}\n{_driver(len(calls))}", "bash"]
        # bwrap's own environment can be read inside, in /proc/1/environ
        done = subprocess.run(words, env=self._env, capture_output=True, timeout=seconds, check=False, **_account())
        out = []
        for i in range(len(calls)):
            said, status = place / f"{i}.out", place / f"{i}.status"
            if said.exists():
                text = said.read_bytes().decode("utf-8", "replace")
                out.append(Said(text, int(status.read_text()) if status.exists() else done.returncode))
        if not out:
            raise RuntimeError(f"the sandbox did not start: {done.stderr.decode('utf-8', 'replace')[-500:]}")
        return out

    def files(self, folder: str) -> dict[str, Found]:
        """Return what stands below a folder, by path."""
        top = self._root / "root" / folder.lstrip("/")
        return {f"{folder}/{path.relative_to(top)}": found for path, found in _walk(top)}

    def _entered(self) -> list[str]:
        words = [
            shutil.which("bwrap") or "bwrap",
            *_NAMESPACES,
            "--hostname",
            self._host,
            "--bind",
            str(self._root / "root"),
            "/",
        ]
        words += ["--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev"]
        words += ["--bind", str(self._root / "usr-local"), "/usr/local", "--bind", str(self._root / "calls"), "/.calls"]
        words += ["--ro-bind-try", "/etc/alternatives", "/etc/alternatives"]
        for key, value in self._env.items():
            words += ["--setenv", key, value]
        return [*words, "--chdir", self._cwd]


def _driver(count: int) -> str:
    """One bash that takes each call in turn, as an agent's shell does: what a call sets, the next one finds."""
    lines = ["shopt -s expand_aliases", "__status=0"]
    for i in range(count):
        at = f"/.calls/{i}"
        lines.append(f"__call=$(<{at})")
        lines.append(f'{{ (exit $__status); eval "$__call"; }} > {at}.out 2>&1 < /dev/null')
        lines.append(f"__status=$?; echo $__status > {at}.status")
    return "\n".join(lines)


def _account() -> dict[str, Any]:
    """Who enters: from root, an account without rights; else oneself."""
    return {"user": _ACCOUNT, "group": _ACCOUNT, "extra_groups": []} if os.getuid() == 0 else {}


def _hand_over(*paths: Path) -> None:
    for path in paths:
        if os.getuid() == 0:
            os.chown(path, _ACCOUNT, _ACCOUNT, follow_symlinks=False)


def _lay(node: Node, path: Path) -> None:
    """Write a tree of nodes to the host's disk."""
    if node.kind == "symlink":
        path.symlink_to(node.to)
    elif node.kind == "file":
        path.write_bytes(node.data)
    else:
        path.mkdir()
        for name, inner in node.held.items():
            _lay(inner, path / name)
    if node.owner == "agent":
        _hand_over(path)
    if node.kind != "symlink":
        path.chmod(node.mode)


def _walk(top: Path) -> Iterator[tuple[Path, Found]]:
    for path in sorted(top.iterdir()):
        mode = path.lstat().st_mode & 0o7777
        if path.is_symlink():
            yield path, Found("symlink", 0o777, os.fsencode(path.readlink()))
        elif path.is_dir():
            yield path, Found("directory", mode, b"")
            path.chmod(mode | 0o700)
            yield from _walk(path)
            path.chmod(mode)
        elif path.is_file():
            path.chmod(mode | 0o400)
            yield path, Found("file", mode, path.read_bytes())
            path.chmod(mode)
