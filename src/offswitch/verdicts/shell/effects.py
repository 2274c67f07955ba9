"""What a simple command does to files and processes, by program: a table, not a ladder of patterns over text."""

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from offswitch.verdicts.shell.state import Shell


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect: `kind` on `path` (absolute), with what else matters.

    Kinds: remove, move (to `other`), write (`content` where known), edit, chmod (`content` is the mode), link (`other`
    is what the link leads to), copy (to `other`), signal (`path` is a process name or pid, `content` the signal), run (`path`
    is a command line that another program starts).
    """

    kind: str
    path: str
    other: str = ""
    content: str | None = None


Reader = Callable[[Sequence[str], Shell], list[Effect]]
_WITH_VALUE = {
    "truncate": ("-s", "--size"), "head": ("-n",), "install": ("-m", "-o", "-g", "--mode"), "shred": ("-n",),
    "ln": ("-t", "-S"), "mv": ("-S", "--suffix"), "cp": ("-S",), "rm": (), "tee": (), "touch": ("-d", "-t", "-r"),
}  # fmt: skip


def operands(program: str, words: Sequence[str]) -> list[str]:
    """Return the words that are no options (nor an option's value)."""
    out: list[str] = []
    rest, takes = list(words), _WITH_VALUE.get(program, ())
    while rest:
        item = rest.pop(0)
        if item == "--":
            return out + rest
        if item in takes:
            rest = rest[1:]
        elif not item.startswith("-") or item == "-":
            out.append(item)
    return out


def has(words: Sequence[str], letter: str, *long: str) -> bool:
    """Return whether an option is given, alone or in a bundle."""
    return any(w in long or (w.startswith("-") and not w.startswith("--") and letter in w[1:]) for w in words)


def _rm(words: Sequence[str], shell: Shell) -> list[Effect]:
    return [Effect("remove", shell.path(w)) for w in operands("rm", words)]


def _shred(words: Sequence[str], shell: Shell) -> list[Effect]:
    kind = "remove" if has(words, "u", "--remove") else "write"
    return [Effect(kind, shell.path(w)) for w in operands("shred", words)]


def _two(kind: str, program: str) -> Reader:
    def read(words: Sequence[str], shell: Shell) -> list[Effect]:
        names = [shell.path(w) for w in operands(program, words)]
        if "-t" in words and words.index("-t") + 1 < len(words):
            target = words[words.index("-t") + 1]
            return [
                Effect(kind, n, posixpath.join(shell.path(target), posixpath.basename(n)))
                for n in names
                if n != shell.path(target)
            ]
        if len(names) < 2:
            return []
        *sources, target = names
        into = len(sources) > 1 or words[-1].endswith("/") or target in _folders(shell)
        return [Effect(kind, s, posixpath.join(target, posixpath.basename(s)) if into else target) for s in sources]

    return read


def _folders(shell: Shell) -> set[str]:
    """The folders that are known to be such: parents of known paths, and the usual ones."""
    return {posixpath.dirname(p) for p in shell.known} | {shell.home, "/tmp", shell.cwd}  # noqa: S108


def _ln(words: Sequence[str], shell: Shell) -> list[Effect]:
    names = operands("ln", words)
    if not names:
        return []
    link = shell.path(names[1] if len(names) > 1 else posixpath.basename(names[0]))
    return [Effect("link", link, names[0] if has(words, "s", "--symbolic") else shell.path(names[0]))]


def _chmod(words: Sequence[str], shell: Shell) -> list[Effect]:
    rest = [w for w in words if w not in ("-R", "-v", "-c", "-f", "--recursive", "--")]
    return [Effect("chmod", shell.path(w), content=rest[0]) for w in rest[1:]] if rest else []


def _tee(words: Sequence[str], shell: Shell) -> list[Effect]:
    kind = "edit" if has(words, "a", "--append") else "write"
    return [Effect(kind, shell.path(w)) for w in operands("tee", words)]


def _in_place(words: Sequence[str], shell: Shell) -> list[Effect]:
    """`sed -i` and `perl -i`: the operands after the script are edited."""
    inplace = any(
        w.startswith(("-i", "--in-place")) or (w.startswith("-") and w[1:2] in "nErpl" and "i" in w[1:4]) for w in words
    )
    if not inplace:
        return []
    scripts = sum(
        w in ("-e", "-f", "--expression") or (w.startswith("-") and w.endswith("e") and not w.startswith("--"))
        for w in words
    )
    names: list[str] = []
    rest = list(words)
    while rest:
        item = rest.pop(0)
        if item in ("-e", "-f", "--expression") or (
            item.startswith("-") and item.endswith("e") and not item.startswith("--")
        ):
            rest = rest[1:]
        elif not item.startswith("-"):
            names.append(item)
    script = next((w for w in words if not w.startswith("-")), "")
    return [Effect("edit", shell.path(n), content=script) for n in (names if scripts else names[1:])]


def _dd(words: Sequence[str], shell: Shell) -> list[Effect]:
    return [Effect("write", shell.path(w[3:])) for w in words if w.startswith("of=")]


def _truncate(words: Sequence[str], shell: Shell) -> list[Effect]:
    return [Effect("write", shell.path(w), content="") for w in operands("truncate", words)]


def _kill(words: Sequence[str], shell: Shell) -> list[Effect]:
    signal, names, rest = "TERM", [], list(words)
    while rest:
        item = rest.pop(0)
        if item in ("-s", "-n") and rest:
            signal = rest.pop(0)
        elif item.startswith("-") and len(item) > 1:
            signal = item[1:]
        else:
            names.append(item)
    return [Effect("signal", n, content=signal) for n in names]


def _by_name(words: Sequence[str], shell: Shell) -> list[Effect]:
    signal = next((w[1:] for w in words if w.startswith("-") and (w[1:].isdigit() or w[1:].isupper())), "TERM")
    return [Effect("signal", w, content=signal) for w in words if not w.startswith("-") and w not in ("agent",)]


def _systemctl(words: Sequence[str], shell: Shell) -> list[Effect]:
    verb = next((w for w in words if not w.startswith("-")), "")
    if verb not in ("stop", "kill", "disable", "mask"):
        return []
    return [
        Effect("signal", w.removesuffix(".service"), content="TERM")
        for w in words
        if not w.startswith("-") and w != verb
    ]


def _git(words: Sequence[str], shell: Shell) -> list[Effect]:
    """`git rm`, `git mv`, and checking out or restoring another version of a file."""
    if not words:
        return []
    verb, rest = words[0], operands("git", words[1:])
    match verb:
        case "rm":
            return [Effect("remove", shell.path(w)) for w in rest]
        case "mv" if len(rest) > 1:
            return [Effect("move", shell.path(rest[0]), shell.path(rest[1]))]
        case "checkout" | "restore" if len(rest) > 1 or "--" in words:
            return [Effect("edit", shell.path(w), content="checkout") for w in rest]
    return []


PROGRAMS: dict[str, Reader] = {
    "rm": _rm, "unlink": _rm, "shred": _shred, "mv": _two("move", "mv"), "cp": _two("copy", "cp"), "ln": _ln,
    "install": _two("copy", "install"), "rsync": _two("copy", "rsync"), "chmod": _chmod, "tee": _tee, "sponge": _tee, "sed": _in_place,
    "perl": _in_place, "dd": _dd, "truncate": _truncate, "kill": _kill, "pkill": _by_name, "killall": _by_name,
    "systemctl": _systemctl, "git": _git, "chattr": lambda words, shell: [
        Effect("chmod", shell.path(w), content=words[0]) for w in words[1:] if words[0][:1] in "+-"],
}  # fmt: skip
