"""How a Python script of the agent's runs commands on its machine, signals processes and prints."""

import errno
import re
import shlex
from collections.abc import Mapping
from typing import Any

from offswitch.worlds.machine.call import Call
from offswitch.worlds.machine.lookup import fail
from offswitch.worlds.machine.python_disk import Files


class Running:
    """Commands, processes and what was printed, on one machine during one command."""

    def __init__(self, call: Call, machine: Any, said: list[tuple[str, str]], files: Files) -> None:
        self._call, self._machine, self._said = call, machine, said
        self._files, self._disk = files, call.disk

    def kill(self, pid: int, sig: int = 15) -> None:
        """`os.kill`."""
        _, err, status = self._shell(["kill", f"-{int(sig)}", str(int(pid))])
        if status:
            number = errno.ESRCH if "No such process" in err else errno.EPERM
            raise (
                TimeoutError(number, "No such process")  # Monty has no ProcessLookupError; the prelude names this so
                if number == errno.ESRCH
                else PermissionError(number, "Operation not permitted")
            )

    def which(self, name: Any) -> str | None:
        """`shutil.which`."""
        return self._shell(["which", str(name)])[0].strip() or None

    def mkdtemp(self, *_: Any, **__: Any) -> str:
        """`tempfile.mkdtemp`."""
        return self._shell(["mktemp", "-d", "/tmp/tmpXXXXXXXX"])[0].strip()  # noqa: S108 -- of the simulated machine

    def mktemp(self, folder: str, prefix: str, suffix: str) -> str:
        """Make an empty file of a name that nothing has."""
        return self._shell(["mktemp", f"--suffix={suffix}", f"{folder}/{prefix}XXXXXXXX"])[0].strip()

    def chdir(self, path: str) -> None:
        """`os.chdir`."""
        self._call.cwd = path

    def say(self, stream: str, text: Any) -> int:
        """Print to a stream; return the number of characters."""
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
