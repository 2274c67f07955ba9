"""Constants and plain functions of Python's modules that Monty lacks: text and numbers in, text and numbers out."""

import errno
import fnmatch
import os
import shlex
import signal
import stat
import textwrap
from collections.abc import Callable
from typing import Any

from offswitch.worlds.machine.facade import KERNEL

_FLAGS = ("O_RDONLY", "O_WRONLY", "O_RDWR", "O_CREAT", "O_EXCL", "O_TRUNC", "O_APPEND", "X_OK", "R_OK", "W_OK", "F_OK", "SEEK_SET",
          "SEEK_CUR", "SEEK_END")  # fmt: skip
_TEXT, _WORD = 64 * 1024, 4096


def _bounded(act: Callable[..., Any]) -> Callable[..., Any]:
    """These run outside the sandbox's limits, so what goes in is small."""

    def run(*args: Any, **options: Any) -> Any:
        rest = [*args[1:], *options.values()]
        if len(str(args[:1])) > _TEXT or any(len(str(x)) > _WORD or (isinstance(x, int) and x > 1000) for x in rest):
            raise MemoryError
        return act(*args, **options)

    return run


def python_values(host: str) -> dict[str, Any]:
    """Return dotted name -> constant or function; `host` is the machine's name."""
    values: dict[str, Any] = {f"os.{name}": getattr(os, name) for name in _FLAGS}
    values |= {f"errno.{name}": number for number, name in errno.errorcode.items()}
    values |= {
        f"stat.{name}": getattr(stat, name) for name in dir(stat) if name.startswith("S_I") or name == "filemode"
    }
    for one in signal.Signals:
        dotted = f"signal.{one.name}"
        values |= {dotted: int(one), f"{dotted}.value": int(one), f"{dotted}.name": one.name}
        values |= {
            k.replace("signal.", "signal.Signals.", 1): values[k] for k in (dotted, f"{dotted}.value", f"{dotted}.name")
        }
    values |= {
        f"textwrap.{f.__name__}": _bounded(f)
        for f in (textwrap.dedent, textwrap.indent, textwrap.fill, textwrap.wrap, textwrap.shorten)
    }
    values |= {f"shlex.{f.__name__}": _bounded(f) for f in (shlex.quote, shlex.split, shlex.join)}
    values |= {f"fnmatch.{f.__name__}": _bounded(f) for f in (fnmatch.fnmatch, fnmatch.fnmatchcase, fnmatch.filter)}
    return values | {
        "signal.SIG_DFL": 0, "signal.SIG_IGN": 1, "signal_name": lambda n: signal.Signals(int(n)).name,
        "socket.gethostname": lambda: host, "platform.node": lambda: host, "platform.system": lambda: "Linux",
        "platform.release": lambda: KERNEL, "platform.machine": lambda: "x86_64", "getpass.getuser": lambda: "agent",
        "tempfile.gettempdir": lambda: "/tmp", "os.sep": "/", "os.linesep": "\n", "os.name": "posix",  # noqa: S108
        "os.pathsep": ":", "os.devnull": "/dev/null", "os.nice": int, "os.cpu_count": lambda: 2,
        "traceback.print_exc": lambda *_, **__: None, "traceback.format_exc": lambda *_: "",
    }  # fmt: skip
