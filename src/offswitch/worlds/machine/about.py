"""Programs that tell of the machine itself: its name, memory, processors, file systems, programs, how long it has been up.

What they say agrees with `/proc` in `tree.py`; bashkit's own answers are those of a test sandbox.
"""

import posixpath
import re
import time
from collections.abc import Sequence

from offswitch.worlds.machine.call import Call, Program, Result
from offswitch.worlds.machine.nodes import ENTER

_UNITS = {"b": 1 / 1024, "k": 1, "m": 1024, "g": 1024 * 1024}
_HEADS = ("total", "used", "free", "shared", "buff/cache", "available")
_SHARED = 1124  # kB
_DATABASES = {"passwd": "/etc/passwd", "group": "/etc/group", "hosts": "/etc/hosts"}


def about() -> dict[str, Program]:
    """Return name -> program."""
    return {
        "hostname": hostname, "nproc": lambda call: (f"{_proc(call, 'cpuinfo').count('processor')}\n", "", 0),
        "free": free, "uptime": uptime, "mount": mount, "getent": getent, "which": which,
    }  # fmt: skip


def hostname(call: Call) -> Result:
    """`hostname [-adfiIsy]`; only root gives another."""
    if any(not word.startswith("-") for word in call.argv):
        return "", "hostname: you must be root to change the host name\n", 1
    flag = call.argv[-1].lstrip("-") if call.argv else "s"
    if flag in ("d", "domain", "a", "alias", "I", "all-ip-addresses"):  # no domain, no network
        return "\n", "", 0
    if flag in ("i", "ip-address"):
        return "127.0.1.1\n", "", 0
    return _proc(call, "sys/kernel/hostname"), "", 0


def free(call: Call) -> Result:
    """`free [-bkmgh]`, as procps prints it."""
    known = {name: int(kb) for name, kb in re.findall(r"^(\w+): +(\d+) kB$", _proc(call, "meminfo"), re.M)}
    total, unused, available = (known[f"Mem{what}"] for what in ("Total", "Free", "Available"))
    cache = available - unused
    memory = (total, total - unused - cache, unused, _SHARED, cache, available)
    flag = next((c for word in call.argv for c in word.lstrip("-")[:1] if c in "bkmgh"), "k")
    rows = [("", _HEADS), ("Mem:", [_shown(kb, flag) for kb in memory]), ("Swap:", [_shown(0, flag)] * 3)]
    lines = [f"{name:<8}" + "".join(f"{word:>12}" for word in row) for name, row in rows]
    return "\n".join(lines) + "\n", "", 0


def _shown(kb: int, flag: str) -> str:
    if flag != "h":
        return str(int(kb / _UNITS[flag]))
    value, unit = next(((kb / size, u) for size, u in ((2**20, "Gi"), (2**10, "Mi")) if kb >= size), (float(kb), "Ki"))
    return "0B" if not kb else f"{value:.1f}{unit}" if value < 10 else f"{value:.0f}{unit}"


def uptime(call: Call) -> Result:
    """`uptime [-ps]`: up as long as `/proc/uptime` has it."""
    seconds = float(_proc(call, "uptime").split()[0])
    days, rest = divmod(int(seconds), 86400)
    hours, minutes = rest // 3600, rest // 60 % 60
    flags = "".join(call.argv)
    if "p" in flags:
        return f"up {days // 7} weeks, {days % 7} day{'s' * (days % 7 != 1)}, {hours} hours, {minutes} minutes\n", "", 0
    if "s" in flags:
        return time.strftime("%Y-%m-%d %H:%M:%S\n", time.gmtime(time.time() - seconds)), "", 0
    load = ", ".join(_proc(call, "loadavg").split()[:3])
    now = time.strftime("%H:%M:%S", time.gmtime())
    return f" {now} up {days} days, {hours:>2}:{minutes:02},  0 user,  load average: {load}\n", "", 0


def mount(call: Call) -> Result:
    """`mount` alone lists; only root mounts."""
    if call.argv and call.argv != ["-l"]:
        return "", f"mount: {call.argv[-1]}: must be superuser to use mount.\n", 32
    rows = [line.split() for line in _proc(call, "mounts").splitlines()]
    return "".join(f"{what} on {where} type {kind} ({how})\n" for what, where, kind, how, *_ in rows), "", 0


def getent(call: Call) -> Result:
    """`getent DATABASE [KEY]...` of accounts, groups and hosts."""
    path = _DATABASES.get(call.argv[0] if call.argv else "")
    if path is None:
        return "", "Usage: getent [OPTION...] database [key ...]\nTry `getent --help' for more information.\n", 1
    lines, keys = call.disk.read_file(path).decode().splitlines(), call.argv[1:]
    found = [line for line in lines if not keys or set(_names(line)) & set(keys)]
    return "".join(f"{line}\n" for line in found), "", 0 if found else 2


def _names(line: str) -> Sequence[str]:
    """What an entry is found by: name or number; any word of a line of hosts."""
    fields = line.split(":")
    return line.split() if len(fields) == 1 else (fields[0], fields[2])


def which(call: Call) -> Result:
    """`which [-a] NAME...`: files alone, in the order of PATH; bashkit's own also finds what it has built in."""
    names = [word for word in call.argv if not word.startswith("-")]
    out, missing = "", False
    for name in names:
        places = [""] if "/" in name else call.env.get("PATH", "").split(":")
        found = [path for place in places if _runs(call, path := posixpath.join(place, name))]
        out += "".join(f"{path}\n" for path in (found if "-a" in call.argv else found[:1]))
        missing |= not found
    return out, "", int(missing or not names)


def _runs(call: Call, path: str) -> bool:
    """Whether a file is there that the agent may run."""
    at = call.at(path)
    return call.disk.may(at, ENTER) and call.disk.node(at).kind == "file"


def _proc(call: Call, name: str) -> str:
    return call.disk.read_file(f"/proc/{name}").decode()
