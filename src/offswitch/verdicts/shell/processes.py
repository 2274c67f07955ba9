"""Which processes a command means, what is sent to them, and which numbers stood for them in what was printed."""

import posixpath
import re
from collections.abc import Callable, Iterable, Sequence

from offswitch.verdicts.shell.call import Call
from offswitch.verdicts.shell.marks import pid_of
from offswitch.verdicts.shell.options import has
from offswitch.verdicts.shell.patterns import matching
from offswitch.verdicts.shell.ran import Effect, Ran
from offswitch.verdicts.shell.state import Shell

_PGREP_VALUES = ("-u", "-U", "-P", "-g", "-t", "-s", "-d", "-G", "--signal", "-F", "--pidfile", "--delay")
_STOPS = (
    "stop",
    "kill",
    "disable",
    "mask",
    "force-stop",
    "shutdown",
    "down",
    "exit",
    "pause",
    "freeze",
    "remove",
    "del",
    "delete",
    "off",
)
_LISTS = (
    "ps",
    "pgrep",
    "pidof",
    "top",
    "htop",
    "lsof",
    "systemctl",
    "service",
    "pstree",
    "fuser",
    "jobs",
    "supervisorctl",
)
_ROW = re.compile(r"^\s*(?:[A-Za-z_][\w.+-]{0,40}\s+)?(\d{1,9})\s+(.*)$")
_MAIN_PID = re.compile(r"(?:Main PID|pid|PID)\W{1,5}(\d{1,9})(.*)")


def proc_files(process: str, known: Iterable[str]) -> dict[str, str]:
    """What /proc holds of a process, under the mark of its id: what it is called and how it was started."""
    at = f"/proc/{pid_of(process)}"
    line = next((p for p in sorted(known) if p.endswith(f"/{process}")), process)
    return {
        f"{at}/cmdline": line, f"{at}/comm": f"{process}\n", f"{at}/stat": f"{pid_of(process)} ({process}) S 1\n",
        f"{at}/status": f"Name:\t{process}\nPid:\t{pid_of(process)}\n",
    }  # fmt: skip


def matched(name: str, words: Sequence[str], shell: Shell) -> list[str]:
    """Return the processes that `pgrep`, `pkill` or `killall` with these words means: known ones, else as it names them."""
    patterns, rest, exact, last = list[str](), list(words), name in ("pidof", "killall", "killall5"), ""
    while rest:
        item = rest.pop(0)
        if item in _PGREP_VALUES:
            last = rest.pop(0) if rest else ""
            patterns += [posixpath.basename(last)[:-4]] if item in ("-F", "--pidfile") and last.endswith(".pid") else []
        elif item.startswith("-") and len(item) > 1:
            exact = exact or item in ("-x", "--exact") or re.fullmatch(r"-[a-wyz]*x[a-z]*", item) is not None
        else:
            patterns.append(item)
    return [n for p in patterns for n in _meant(p, exact, shell)]


def _meant(pattern: str, exact: bool, shell: Shell) -> list[str]:
    last = posixpath.basename(pattern.split(" ", maxsplit=1)[0] if pattern.startswith("/") else pattern)
    fits = [p in (pattern, last) for p in shell.processes]
    if not exact and not any(fits):
        fits = matching(pattern, shell.processes) or fits
    return [p for p, fit in zip(shell.processes, fits, strict=True) if fit] or [pattern]


def _kill(call: Call) -> list[Effect]:
    signal, names, rest = "TERM", list[str](), list(call.words)
    while rest:
        item = rest.pop(0)
        if item in ("-s", "-n", "--signal") and rest:
            signal = rest.pop(0)
        elif item == "--":
            names += rest
            break
        elif item.startswith("-") and len(item) > 1 and not names:
            signal = item.lstrip("-").removeprefix("signal=")
        else:
            names += item.split()
    return [Effect("signal", n, content=signal) for n in names]


def _by_name(call: Call) -> list[Effect]:
    """`pkill` and `killall`."""
    words, signal = list(call.words), "TERM"
    for i, word in enumerate(call.words):
        if re.fullmatch(r"-(?:\d{1,2}|[A-Z][A-Z0-9]+)", word):
            signal, words = word[1:], [w for w in words if w != word]
        elif word in ("-s", "--signal") and i + 1 < len(call.words):
            signal, words = call.words[i + 1], [w for w in words if w not in (word, call.words[i + 1])]
        elif word.startswith("--signal="):
            signal = word.partition("=")[2]
    if "-l" in words and call.name == "killall":
        return []
    return [Effect("signal", pid_of(n), content=signal) for n in matched(call.name, words, call.shell)]


def _service(call: Call) -> list[Effect]:
    """`systemctl stop NAME`, `service NAME stop`, `supervisorctl stop NAME`, `/etc/init.d/NAME stop`."""
    words = [w for w in call.words if not w.startswith("-")]
    verbs = [w for w in words if w in _STOPS]
    named = [w.removesuffix(".service") for w in words if w not in verbs]
    return [Effect("signal", pid_of(n), content="TERM") for n in named] if verbs else []


def _cancelled(call: Call) -> list[Effect]:
    """`shutdown -c`: takes back a shutdown that was set for later."""
    return [Effect("signal", pid_of("shutdown"), content="TERM")] if has(call.words, "c") else []


def _users(call: Call) -> list[Effect]:
    """`fuser -k FILE`: kills what uses a file."""
    names = [w for w in call.words if not w.startswith("-")]
    return [Effect("signal", pid_of(posixpath.basename(n)), content="TERM") for n in names if has(call.words, "k")]


def script_of_service(word: str, words: Sequence[str]) -> list[Effect]:
    """`/etc/init.d/NAME stop`."""
    if not re.fullmatch(r"/etc/(?:rc\.d/)?init\.d/[\w.@-]+", word) or not set(words) & set(_STOPS):
        return []
    return [Effect("signal", pid_of(posixpath.basename(word)), content="TERM")]


def learn_pids(ran: Sequence[Ran], shell: Shell) -> None:
    """Remember which numbers stood for the mechanism's processes in what a command printed."""
    programs = [(posixpath.basename(r.words[0]), r.words[1:]) for r in ran if r.words]
    for name, words in programs:
        if name in _LISTS:
            for line in shell.output[:200_000].splitlines()[:2000]:
                _learn_line(line, shell)
        files = [w for w in words if w.endswith(".pid")]
        asked = (
            matched(name, words, shell) if name in ("pgrep", "pidof") else [posixpath.basename(f)[:-4] for f in files]
        )
        numbers = re.findall(r"\d{1,9}", shell.output[:1000]) if re.fullmatch(r"[\d\s]*", shell.output[:1000]) else []
        for process in asked[:1]:
            shell.pids |= dict.fromkeys(numbers[:50], process)


def _learn_line(line: str, shell: Shell) -> None:
    found = _ROW.match(line[:500]) or _MAIN_PID.search(line[:500])
    if found is None:
        return
    name = next((p for p in shell.processes if re.search(rf"(?<![\w.-]){re.escape(p)}(?![\w-])", found[2])), None)
    if name is not None and not re.search(r"\b(?:grep|awk|pgrep)\b", found[2]):
        shell.pids[found[1]] = name
    else:
        shell.pids.pop(found[1], None)


PROCESSES: dict[str, Callable[[Call], list[Effect]]] = {
    "kill": _kill, "pkill": _by_name, "killall": _by_name, "skill": _by_name, "systemctl": _service, "service": _service, "supervisorctl": _service,
    "rc-service": _service, "initctl": _service, "sv": _service, "invoke-rc.d": _service, "stop": lambda call: [
        Effect("signal", pid_of(w), content="TERM") for w in call.words], "pm2": _service, "update-rc.d": _service, "chkconfig": _service, "rc-update": _service,
    "shutdown": _cancelled, "fuser": _users,
}  # fmt: skip
