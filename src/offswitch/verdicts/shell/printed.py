"""What programs print, as far as it can be told: texts said, names found, the ids of known processes."""

import base64
import binascii
import posixpath
import re
from collections.abc import Callable, Sequence

from offswitch.verdicts.shell.call import Call
from offswitch.verdicts.shell.escapes import escaped
from offswitch.verdicts.shell.filters import FILTERS
from offswitch.verdicts.shell.marks import SEPARATOR, UNKNOWN, filtered, pid_of, texts_in
from offswitch.verdicts.shell.options import value
from offswitch.verdicts.shell.processes import matched
from offswitch.verdicts.shell.search import found, listed

_SPECIFIER = re.compile(r"%(?:%|[-0-9.]*([sdbqicuxX]))")
_MOST = 300


def _echo(call: Call) -> str:
    words, flags = list(call.words), ""
    while words and re.fullmatch(r"-[neE]+", words[0]):
        flags += words.pop(0)
    said = " ".join(words)
    call.shell.status = True
    return (escaped(said) if "e" in flags else said) + ("" if "n" in flags else "\n")


def _printf(call: Call) -> str:
    """`printf FORMAT WORDS…`: the format is used again as long as there are words."""
    words = [w for i, w in enumerate(call.words) if not (i == 0 and w == "--")]
    call.shell.status = True
    if words[:1] == ["-v"] and len(words) > 2:
        call.shell.assign(words[1], _formatted(words[2], words[3:]))
        return ""
    return _formatted(words[0], words[1:]) if words else ""


def _formatted(form: str, rest: Sequence[str]) -> str:
    form = escaped(form.replace("\\0", "\ue0ff")).replace("\ue0ff", SEPARATOR)
    wants, left, out = len([m for m in _SPECIFIER.finditer(form) if m[1]]), list(rest), ""
    for _ in range(_MOST):
        out += _SPECIFIER.sub(lambda m: "%" if not m[1] else left.pop(0) if left else "", form)
        if not left or not wants:
            break
    return out


def _cat(call: Call) -> str:
    names = [w for w in call.words if not w.startswith("-") or w == "-"]
    return "".join(call.text(w) for w in names) if names else call.stdin()


def _find(call: Call) -> str:
    if any(w in call.words for w in ("-delete", "-exec", "-execdir", "-ok")):
        return ""
    end = SEPARATOR if "-print0" in call.words else "\n"
    form = call.words[call.words.index("-printf") + 1] if "-printf" in call.words[:-1] else ""
    paths = [posixpath.basename(p) if "%f" in form else p for p in found(call.words, call.shell)]
    return "".join(p + end for p in paths)


def _ls(call: Call) -> str:
    return "".join(f"{n}\n" for n in listed(call.words, call.shell))


def _pids(call: Call) -> str:
    """`pgrep` and `pidof`: the ids of the processes meant; with `-a` or `-l` their names too."""
    flags = "".join(w[1:] for w in call.words if w.startswith("-"))
    names = matched(call.name, call.words, call.shell)
    if call.name == "pidof":
        return " ".join(pid_of(n) for n in names) + "\n"
    return "".join(f"{pid_of(n)} {n}\n" if "a" in flags or "l" in flags else f"{pid_of(n)}\n" for n in names)


def _ps(call: Call) -> str:
    """The known processes, in the columns that the options ask for."""
    words = " ".join(call.words)
    asked = [b for a, b in zip(call.words, call.words[1:], strict=False) if re.fullmatch(r"-?[A-Za-z]*o", a)]
    asked += [w[2:] for w in call.words if re.fullmatch(r"-o[\w,=%]+", w)]
    names = call.shell.processes
    lines = {n: next((p for p in sorted(call.shell.known) if p.endswith(f"/{n}")), f"/usr/sbin/{n}") for n in names}
    if "-C" in call.words[:-1]:
        names = tuple(n for n in names if n == call.words[call.words.index("-C") + 1])
    if asked:
        columns = [c.strip("=") for item in asked for c in item.split(",")]
        return "".join(" ".join(_column(c, n, lines[n]) for c in columns) + "\n" for n in names)
    if "f" in words:
        return "".join(f"root {pid_of(n)} 1 0 10:00 ? 00:00:00 {lines[n]}\n" for n in names)
    if "u" in words:
        return "".join(f"root {pid_of(n)} 0.0 0.1 2400 1100 ? S 10:00 0:00 {lines[n]}\n" for n in names)
    return "".join(f"{pid_of(n)} ? 00:00:00 {n}\n" for n in names)


def _column(column: str, name: str, line: str) -> str:
    if column == "pid":
        return pid_of(name)
    return name if column in ("comm", "ucomm") else line if column in ("cmd", "args", "command", "ucmd") else "-"


def _which(call: Call) -> str:
    """`which NAME`, `command -v NAME`, `type -p NAME`."""
    names = [w for w in call.words if not w.startswith("-")]
    return "".join(f"{call.shell.commands.get(n, UNKNOWN)}\n" for n in names)


def _paths(call: Call) -> str:
    """`realpath`, `readlink -f`, `dirname`, `basename`."""
    names = [w for w in call.words if not w.startswith("-")]
    if call.name == "basename" and names:
        name = posixpath.basename(names[0].rstrip("/"))
        return (name.removesuffix(names[1]) if len(names) == 2 and name != names[1] else name) + "\n"
    if call.name == "dirname":
        return "".join(f"{posixpath.dirname(n.rstrip('/')) or '.'}\n" for n in names)
    return "".join(f"{call.shell.target(n)}\n" for n in names)


def _decoded(call: Call) -> str:
    """`base64 -d` and `xxd -r -p` of a known text."""
    names = [w for w in call.words if not w.startswith("-")]
    text = "".join(call.text(w) for w in names) if names else call.stdin()
    flags = "".join(w.lstrip("-") for w in call.words if w.startswith("-"))
    if "\x00" in text or not any(f in flags for f in ("d", "D", "r")):
        return filtered(text) if texts_in(text) else UNKNOWN + "\n"
    try:
        raw = bytes.fromhex(text) if call.name == "xxd" else base64.b64decode("".join(text.split()))
    except (ValueError, binascii.Error):
        return UNKNOWN + "\n"
    return raw.decode("utf-8", "replace").replace("\x00", "")


def _seq(call: Call) -> str:
    numbers = [int(w) for w in call.words if re.fullmatch(r"-?\d{1,9}", w)]
    if not numbers or len(numbers) > 2:
        return UNKNOWN + "\n"
    low, high = (1, numbers[0]) if len(numbers) == 1 else numbers
    return "".join(f"{i}\n" for i in range(low, min(high, low + _MOST) + 1))


def _yes(call: Call) -> str:
    return f"{' '.join(call.words) or 'y'}\n" * 20


def _mktemp(call: Call) -> str:
    call.shell.made += 1
    path = f"/tmp/tmp.{call.shell.made}"  # noqa: S108  # a name, not a file of ours
    if any("d" in w for w in call.words if w.startswith("-")):
        call.shell.folders.add(path)
    else:
        call.shell.keep(path, "")
    return path + "\n"


def _curl(call: Call) -> str:
    """What comes from elsewhere is not known; with `-o` it goes to a file."""
    return "" if any(w in ("-o", "-O", "--output") for w in call.words) else UNKNOWN + "\n"


def _git(call: Call) -> str:
    """`git show REV:FILE` and `git cat-file` print a version of a file that is not known, but drawn from it."""
    named = (
        [w.partition(":")[2] for w in call.words if ":" in w] if call.words[:1] in (("show",), ("cat-file",)) else []
    )
    if named:
        return filtered(call.text(named[0]))
    if call.words[:1] == ("ls-files",):
        return "".join(f"{n}\n" for n in (p[len(call.shell.cwd) + 1 :] for p in call.shell.beneath(call.shell.cwd)))
    return UNKNOWN + "\n" if call.words[:1] not in (("rm",), ("mv",), ("checkout",), ("restore",), ("add",)) else ""


def _stat(call: Call) -> str:
    """`stat -c %a FILES`: the modes, as they were set or usually are."""
    asked = value(call.words, "-c", "--format", "--printf")
    if asked is None or asked.strip() not in ("%a", "0%a", "%#a"):
        return UNKNOWN + "\n"
    names = [w for w in call.words if not w.startswith("-") and w != asked]
    return "".join(f"{call.shell.mode(call.path(n)):o}\n" for n in names)


def _pwd(call: Call) -> str:
    return call.shell.cwd + "\n"


PRINTED: dict[str, Callable[[Call], str]] = {
    **FILTERS, "echo": _echo, "printf": _printf, "cat": _cat, "find": _find, "ls": _ls, "dir": _ls, "pgrep": _pids, "pidof": _pids,
    "ps": _ps, "which": _which, "command": _which, "type": _which, "realpath": _paths, "readlink": _paths, "dirname": _paths,
    "basename": _paths, "base64": _decoded, "xxd": _decoded, "seq": _seq, "yes": _yes, "mktemp": _mktemp, "curl": _curl, "git": _git,
    "pwd": _pwd, "stat": _stat, "zcat": _cat, "bat": _cat, "less": _cat, "more": _cat,
}  # fmt: skip
