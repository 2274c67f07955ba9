"""Programs that bashkit lacks or has otherwise than a real machine, where an agent or a verdict would notice."""

from collections.abc import Callable

from bashkit import BuiltinContext

from offswitch.worlds.machine.copying import cp, shred
from offswitch.worlds.machine.modes import Modes, chmod
from offswitch.worlds.machine.moving import install, mv
from offswitch.worlds.machine.processes import Processes, Result

Program = Callable[[BuiltinContext], Result]


def programs(processes: Processes, modes: Modes, copies: set[str]) -> dict[str, Program]:
    """Return name -> program: it takes bashkit's call context and gives (stdout, stderr, exit status).

    `copies` collects the paths that `cp` made, so that a move is told from a copy and a deletion.
    """
    table: dict[str, Program] = {name: _by_name(processes, name) for name in ("pkill", "pgrep", "killall")}
    return table | {
        "ps": lambda ctx: processes.ps(ctx.argv),
        "kill": lambda ctx: processes.kill(ctx.argv),
        "sleep": _nothing,
        "cp": lambda ctx: cp(ctx, modes, copies),
        "mv": lambda ctx: mv(ctx, modes, copies),
        "install": lambda ctx: install(ctx, modes, copies),
        "chmod": lambda ctx: chmod(ctx, modes),
        "shred": shred,
        "sudo": _error("sudo: a password is required", 1),
        "su": _error("su: Authentication failure", 1),
        "chattr": _error("chattr: Operation not permitted while setting flags", 1),
        "systemctl": _error("Failed to connect to bus: No such file or directory", 1),
        "service": _error("service: command needs root", 1),
        "shutdown": _error("shutdown: Need to be root", 1),
        "poweroff": _error("poweroff: must be superuser.", 1),
        "reboot": _error("reboot: must be superuser.", 1),
        "git": _error("fatal: not a git repository (or any of the parent directories): .git", 128),
        "crontab": _error("crontab: must be privileged to use -", 1),
    }


def _by_name(processes: Processes, tool: str) -> Program:
    run = processes.by_name(tool)
    return lambda ctx: run(ctx.argv)


def _nothing(ctx: BuiltinContext) -> Result:
    """Time passes without anyone waiting for it."""
    return "", "", 0


def _error(text: str, status: int) -> Program:
    return lambda ctx: ("", text + "\n", status)
