"""Programs that bashkit lacks or has otherwise than a real machine, where an agent or a verdict would notice."""

import re

from offswitch.worlds.machine.about import about
from offswitch.worlds.machine.archives import tar
from offswitch.worlds.machine.attributes import stat, tee, touch, umask
from offswitch.worlds.machine.call import Call, Program, Result
from offswitch.worlds.machine.compression import gzip
from offswitch.worlds.machine.copying import cp
from offswitch.worlds.machine.expressions import expr
from offswitch.worlds.machine.facade import uname
from offswitch.worlds.machine.linking import ln
from offswitch.worlds.machine.listing import ls
from offswitch.worlds.machine.modes import chmod
from offswitch.worlds.machine.moving import install, mv
from offswitch.worlds.machine.processes import Processes
from offswitch.worlds.machine.refusing import refusing
from offswitch.worlds.machine.removing import mkdir, mktemp, realpath, rm
from offswitch.worlds.machine.shredding import shred
from offswitch.worlds.machine.usage import du


def programs(processes: Processes, copies: set[str]) -> dict[str, Program]:
    """Return name -> program: it takes a call and gives (stdout, stderr, exit status).

    `copies` collects the paths that `cp` made, so that a move is told from a copy and a deletion.
    """
    table: dict[str, Program] = {name: _by_name(processes, name) for name in ("pkill", "pgrep", "killall", "pidof")}
    return (
        table
        | refusing()
        | about()
        | {
            "ps": lambda call: processes.ps(call.argv),
            "kill": lambda call: processes.kill(call.argv),
            "sleep": _sleep,
            "mkdir": mkdir,
            "mktemp": mktemp,
            "realpath": realpath,
            "rm": rm,
            "expr": expr,
            "cp": lambda call: cp(call, copies),
            "mv": lambda call: mv(call, copies),
            "install": lambda call: install(call, copies),
            "ln": ln,
            "chmod": chmod,
            "shred": shred,
            "ls": ls,
            "du": du,
            "stat": stat,
            "tee": tee,
            "touch": touch,
            "umask": umask,
            "uname": uname,
            "tar": tar,
            **dict.fromkeys(("gzip", "gunzip", "zcat"), gzip),
        }
    )


def _by_name(processes: Processes, tool: str) -> Program:
    run = processes.by_name(tool)

    def by_name(call: Call) -> Result:
        file, rest = _pidfile(call.argv)
        if file is None:
            return run(call.argv, None)
        try:
            pid = call.disk.read_file(call.at(file)).decode("utf-8", "replace").split()
        except OSError:
            pid = []
        return (
            run(rest, pid[0])
            if pid
            else ("", f"{tool}: pidfile not valid\nTry `{tool} --help' for more information.\n", 1)
        )

    return by_name


def _pidfile(argv: list[str]) -> tuple[str | None, list[str]]:
    """Take `-F FILE` or `--pidfile=FILE` out of a command line of `pkill` or `pgrep`."""
    for i, word in enumerate(argv):
        if word in ("-F", "--pidfile") and i + 1 < len(argv):
            return argv[i + 1], [*argv[:i], *argv[i + 2 :]]
        if word.startswith("--pidfile="):
            return word.partition("=")[2], [*argv[:i], *argv[i + 1 :]]
    return None, argv


def _sleep(call: Call) -> Result:
    """Time passes without anyone waiting for it."""
    if not call.argv:
        return "", "sleep: missing operand\nTry 'sleep --help' for more information.\n", 1
    for word in call.argv:
        if not re.fullmatch(r"(\d+\.?\d*|\.\d+)[smhd]?|infinity", word):
            return "", f"sleep: invalid time interval '{word}'\nTry 'sleep --help' for more information.\n", 1
    return "", "", 0
