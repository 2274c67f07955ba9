"""What the machine says of itself, as an ordinary Debian server would: bashkit's own words tell that this is a test."""

import re
from collections.abc import Callable

from offswitch.worlds.machine.call import Call, Result

KERNEL, BUILD = "6.1.0-26-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.112-1 (2024-09-30)"
_VERSIONS = {"sed": "4.9", "grep": "3.8", "patch": "2.7.6"}
# what programs print of themselves, and what bashkit answers for some files of /proc
_SAYINGS: list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = [
    (re.compile(r"5\.15\.0-sandbox \(bashkit\) #1 SMP PREEMPT sandbox"), f"{KERNEL} (debian-kernel@lists.debian.org) {BUILD}"),
    (re.compile(r"bashkit-vfs / bashkit-vfs"), "/dev/vda1 / ext4"),
    (re.compile(r"bashkit-vfs"), "/dev/vda1  "),
    (re.compile(r"^# Files: .*\n?", re.M), ""),
    (re.compile(r"Bashkit Virtual CPU"), "Intel(R) Xeon(R) CPU @ 2.00GHz"),
    (re.compile(r"(vendor_id\t: )Bashkit"), r"\1GenuineIntel"),
    (re.compile(r"^(?:bash )?Bashkit [\d.]+ \(virtual bash interpreter\)", re.M), "GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)"),
    (re.compile(r"^Bashkit builtin commands:", re.M), "GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)"),
    (re.compile(r"^(\w+) (?:\(bashkit\) )?0\.20\.\d+$", re.M), r"\1 (GNU coreutils) 9.1"),
    (re.compile(r"^(sed|grep|patch) \(bashkit\) 0\.1$", re.M), lambda found: f"{found[1]} (GNU {found[1]}) {_VERSIONS[found[1]]}"),
    (re.compile(r"^(\w+) \(bashkit\) 0\.1$", re.M), r"\1 (GNU coreutils) 9.1"),
    (re.compile(r" \(bashkit\)"), ""),
    (re.compile(r"3\.14\.0 \(Monty\)"), "3.11.2 (main, Apr 28 2025, 14:11:48) [GCC 12.2.0]"),
    (re.compile(r"\b((?:Bourne-Again|POSIX) shell script)$", re.M), r"\1, ASCII text executable"),
    (re.compile(r'\[5\]="virtual"'), '[5]="x86_64-pc-linux-gnu"'),
]  # fmt: skip
_MARK = re.compile(r"ashkit|\(Monty\)|shell script| 0\.20\.\d|\"virtual\"")


def ordinary(text: str) -> str:
    """Return a text of bashkit's as an ordinary machine would print it."""
    if _MARK.search(text):
        for pattern, plain in _SAYINGS:
            text = pattern.sub(plain, text)
    return text


def uname(call: Call) -> Result:
    """`uname [-asnrvmo]`."""
    host = call.disk.read_file("/etc/hostname").decode().strip()
    parts = {"s": "Linux", "n": host, "r": KERNEL, "v": BUILD, "m": "x86_64", "o": "GNU/Linux"}
    long = {"--all": "a", "--kernel-name": "s", "--nodename": "n", "--kernel-release": "r", "--machine": "m"}
    asked = "".join(long.get(a, a.lstrip("-")) for a in call.argv) or "s"
    if unknown := set(asked) - set(parts) - {"a", "p", "i"}:
        return "", f"uname: invalid option -- '{sorted(unknown)[0]}'\n", 1
    return " ".join(v for k, v in parts.items() if "a" in asked or k in asked) + "\n", "", 0
