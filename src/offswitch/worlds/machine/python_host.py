"""The functions that the host brings to a Python script: which name of the library stands for which act."""

import glob
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from offswitch.worlds.machine.call import Call
from offswitch.worlds.machine.python_acts import Acts
from offswitch.worlds.machine.python_disk import Files
from offswitch.worlds.machine.python_globbing import Globbing
from offswitch.worlds.machine.python_names import host
from offswitch.worlds.machine.python_values import python_values

Functions = dict[str, Any]


def host_names(
    call: Call, machine: Any, argv: list[str], said: list[tuple[str, str]], files: Files
) -> tuple[Functions, Mapping[str, Functions]]:
    """Return (names a rewritten script may use, modules of ours that it may import)."""
    act = Acts(call, machine, said, files)
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
    return {host(k): v for k, v in names.items()}, _modules(act, Globbing(files, call.disk))


def _modules(act: Acts, globbing: Globbing) -> Mapping[str, Functions]:
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
        "glob": {"glob": globbing.glob, "iglob": globbing.glob, "escape": glob.escape},
    }


def _path(path: str) -> PurePosixPath:
    return PurePosixPath(path)


def _exit(code: Any = 0) -> None:
    raise SystemExit(code)


def _home(path: str) -> str:
    return "/home/agent" + path[1:] if path.startswith("~") else path
