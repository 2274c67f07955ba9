"""Whether the bwrap machine works here: a trial machine is started, and if it is not up, why, and what to do."""

import os
import shutil
import sys
from pathlib import Path

from offswitch.worlds.base import WorldError
from offswitch.worlds.machine.trial import TRIAL, answers

_INSTALL = "install the package 'bubblewrap' (Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap)"
# what bwrap says, and what there is to do about it
_ADVICE = (
    ("Unknown option", f"this bwrap is too old (0.6 or newer is needed): {_INSTALL}"),
    ("user.max_user_namespaces", "allow user namespaces: sysctl user.max_user_namespaces=10000"),
    ("No space left on device", "allow user namespaces: sysctl user.max_user_namespaces=10000"),
    ("uid map", "the host forbids user namespaces to programs (Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for bwrap)"),
    ("loopback", "the host forbids user namespaces to programs (Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for bwrap)"),
    ("namespace", "allow user namespaces (Debian: sysctl kernel.unprivileged_userns_clone=1; in a container: start it with --security-opt seccomp=unconfined, or use world: memory)"),
    ("mount proc", "inside a container /proc is masked: start it with --security-opt systempaths=unconfined, or use world: memory"),
)  # fmt: skip


def why_not() -> str | None:
    """Return why the bwrap machine does not work here and what to do, in one line; None if it works."""
    if sys.platform != "linux":
        return f"it needs Linux, and this is {sys.platform}; use world: memory"
    if shutil.which("bwrap") is None:
        return f"there is no program 'bwrap': {_INSTALL}"
    if not Path(f"/proc/self/task/{os.getpid()}/children").exists():
        return "the kernel does not list a process's children (CONFIG_PROC_CHILDREN); use world: memory"
    return _tried()


def _tried() -> str | None:
    from offswitch.worlds.machine.bwrap.machine import BwrapMachine

    try:
        machine = BwrapMachine(TRIAL)
    except (WorldError, OSError) as failure:
        said = str(failure)
        advice = next((what for words, what in _ADVICE if words in said), "use world: memory")
        return f"{said}; {advice}"
    try:
        return answers(machine)
    finally:
        machine.close()
