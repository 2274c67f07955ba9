"""The tree of folders that a machine starts with: Debian's, which machines share, and its own."""

import time
from functools import lru_cache

from bashkit import Bash

from offswitch.worlds.machine.facade import BUILD, KERNEL
from offswitch.worlds.machine.nodes import Node, file, folder, link
from offswitch.worlds.machine.processes import UP
from offswitch.worlds.machine.refusing import ABSENT
from offswitch.worlds.machine.spec import MachineSpec

_OS_RELEASE = """PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
"""
_ACCOUNTS = """root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
agent:x:1000:1000:agent:/home/agent:/bin/bash
"""
_ETC = {
    "os-release": _OS_RELEASE, "passwd": _ACCOUNTS, "debian_version": "12.7\n", "issue": "Debian GNU/Linux 12 \\n \\l\n",
    "group": "root:x:0:\ndaemon:x:1:\nadm:x:4:\nnogroup:x:65534:\nagent:x:1000:\n",
    "shells": "/bin/sh\n/bin/bash\n/usr/bin/bash\n/bin/dash\n", "timezone": "Etc/UTC\n",
    "profile": "# /etc/profile: system-wide .profile file for the Bourne shell\n",
    "resolv.conf": "nameserver 10.0.2.3\n",
}  # fmt: skip
# in /usr/bin of bashkit, but no program of a Debian server
_ODD = frozenset(
    [
        "source",
        "eval",
        "exec",
        "export",
        "unset",
        "set",
        "shift",
        "return",
        "exit",
        "break",
        "continue",
        "local",
        "readonly",
        "declare",
        "typeset",
        "let",
        "trap",
        "wait",
        "jobs",
        "fg",
        "bg",
        "alias",
        "unalias",
        "shopt",
        "getopts",
        "read",
        "mapfile",
        "readarray",
        "pushd",
        "popd",
        "dirs",
        "builtin",
        "command",
        "caller",
        "history",
        "help",
        "times",
        "ulimit",
        "umask",
        "hash",
        "enable",
        "logout",
        "suspend",
        "disown",
        "cd",
        "bind",
        "complete",
        "compopt",
        ":",
        ".",
        "[[",
        "assert",
        "csv",
        "dotenv",
        "http",
        "log",
        "retry",
        "semver",
        "template",
        "verify",
        "clear",
        "fc",
        "compgen",
        "type",
    ]
)
_PROC = {
    "version": f"Linux version {KERNEL} (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0) {BUILD}\n",
    "meminfo": "MemTotal:        4018324 kB\nMemFree:         2641208 kB\nMemAvailable:    3310772 kB\nSwapTotal:             0 kB\n",
    "uptime": "1893041.18 3742217.02\n", "loadavg": "0.02 0.05 0.01 1/118 2291\n", "cmdline": "BOOT_IMAGE=/boot/vmlinuz root=/dev/vda1 ro quiet\n",
    "cpuinfo": "".join(
        f"processor\t: {i}\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) CPU @ 2.00GHz\ncpu MHz\t\t: 2000.172\n\n" for i in (0, 1)
    ),
    "mounts": "/dev/vda1 / ext4 rw,relatime 0 0\nproc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n",
    "self/comm": "bash\n", "self/cmdline": "-bash\0", "self/mounts": "/dev/vda1 / ext4 rw,relatime 0 0\n",
    "self/status": "Name:\tbash\nUmask:\t0022\nState:\tS (sleeping)\nUid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\n",
}  # fmt: skip
_DAY = 86400.0


def tree(spec: MachineSpec, pid: int) -> Node:
    """Return the root folder of a new machine, whose daemon has that process id."""
    root = Node("directory", 0o755, "root", held=dict(_debian(spec.host)))
    root.held["tmp"] = folder(0o1777, "root")
    plant(root, "/usr/local", _local(tuple(sorted(spec.root_files().items()))))
    plant(root, "/home/agent", folder())
    plant(root, spec.app, folder())
    now = time.time()
    for path, (text, mode) in spec.own_files().items():
        plant(root, path, _aged(file(text, mode), now - 23 * _DAY))
    plant(root, spec.pid_path, _aged(file(f"{pid}\n"), now - UP))
    return root


def plant(root: Node, path: str, node: Node) -> None:
    """Put a node into a tree. Folders on the way are the agent's below one of the agent's, else copies: they are shared."""
    *above, name = path.strip("/").split("/")
    here = root
    for part in above:
        old = here.held.get(part) or folder(owner=here.owner)
        new = old if old.owner == "agent" else folder(old.mode, old.owner, **old.held)
        here.held[part] = here = new
    here.held[name] = node


@lru_cache(64)
def _debian(host: str) -> dict[str, Node]:
    """Root's folders, which nobody on the machine can change."""
    top = folder(owner="root", bin=link("usr/bin", "root"), sbin=link("usr/sbin", "root"), root=folder(0o700, "root"))
    for path in (
        "/var/log",
        "/var/lib",
        "/usr/sbin",
        "/usr/lib",
        "/usr/share",
        "/opt",
        "/srv",
        "/run",
        "/etc/ssl/certs",
    ):
        plant(top, path, folder(owner="root"))
    for name, text in (_ETC | {"hostname": f"{host}\n", "hosts": f"127.0.0.1\tlocalhost\n127.0.1.1\t{host}\n"}).items():
        plant(top, f"/etc/{name}", file(text, owner="root"))
    for name in ("shadow", "sudoers"):
        plant(top, f"/etc/{name}", file(b"", 0o640 if name == "shadow" else 0o440, "root"))
    for name, text in (_PROC | {"sys/kernel/hostname": f"{host}\n"}).items():
        plant(top, f"/proc/{name}", file(text, 0o444, "root"))
    top.held["dev"] = _devices()
    plant(top, "/usr/bin", _programs())
    return top.held


def _devices() -> Node:
    made = {name: Node("file", 0o666, "root", device=name) for name in ("null", "zero", "full", "random", "urandom")}
    return Node("directory", 0o755, "root", held={"fd": folder(0o1777, "root"), **made})


def _programs() -> Node:
    """The programs that bashkit has built in, as files: it runs what they name."""
    model = Bash().fs().read_dir("/usr/bin")
    names = {entry["name"] for entry in model} - _ODD - set(ABSENT) | {"python3", "git", "mount", "getent"}
    programs = {name: file(f'#!/bin/sh\nexec {name} "$@"\n', 0o755, "root") for name in sorted(names)}
    return Node("directory", 0o755, "root", held=programs)


@lru_cache(256)
def _local(files: tuple[tuple[str, str], ...]) -> Node:
    """Root's programs below /usr/local."""
    top = folder(owner="root")
    for path, text in files:
        plant(top, path, file(text, 0o755, "root"))
    return top


def _aged(node: Node, modified: float) -> Node:
    node.modified = modified
    return node
