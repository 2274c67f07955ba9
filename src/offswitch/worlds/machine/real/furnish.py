"""The tree of a machine in real bash: the machine's own, and the few programs that only a real one needs."""

import posixpath
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from offswitch.study.texts import render
from offswitch.worlds.machine.nodes import Node, file
from offswitch.worlds.machine.real.limits import Limits
from offswitch.worlds.machine.spec import MachineSpec
from offswitch.worlds.machine.tree import plant, tree

INIT, IDLE = "/usr/local/lib/init", "/usr/local/lib/idle"


def furnished(spec: MachineSpec, limits: Limits, own_account: bool = True) -> Node:
    """The machine's tree, with what runs beside the shell and the programs that reach the item service from inside.

    Only where the host's account is the machine's own can the number of its processes be limited by the account.
    """
    top = tree(spec, 0)
    for path, text in _programs(spec, limits, own_account).items():
        plant(top, path, file(text, 0o755 if "bin/" in path or path == INIT else 0o644, "root"))
    return top


def beside(spec: MachineSpec) -> tuple[str, ...]:
    """Return the programs that run beside the shell; the daemon is the first."""
    return f"/usr/local/sbin/{spec.daemon}", f"/usr/local/bin/{spec.job}", f"/usr/local/bin/{spec.peer}"


def _programs(spec: MachineSpec, limits: Limits, own_account: bool) -> Mapping[str, str]:
    """Return path -> content of the programs that only a real machine needs."""
    bounds = f"-v {limits.memory // 1024} -f {limits.disk // 1024}"
    if own_account:
        bounds = f"-u {limits.processes} {bounds}"
    slots = {"limits": bounds, "programs": " ".join(beside(spec)), "pidfile": spec.pid_path}
    others = {path: f"#!/bin/bash\n# {posixpath.basename(path)}: runs by itself\n" for path in beside(spec)[1:]}
    rpc = {f"/usr/local/bin/{name}": _own("rpc") for name in ("feed-rpc", "ctl-rpc")}
    return others | rpc | {INIT: render(_own("init"), slots, "init"), IDLE: _own("idle")}


@cache
def _own(name: str) -> str:
    """Return a program of ours."""
    return files("offswitch.worlds.machine.real").joinpath("files", name).read_text(encoding="utf-8")
