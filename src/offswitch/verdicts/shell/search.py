"""Which of the known paths `find` and `ls` name."""

import itertools
import posixpath
from collections.abc import Sequence
from fnmatch import fnmatchcase

from offswitch.verdicts.shell.marks import UNKNOWN, texts_in
from offswitch.verdicts.shell.patterns import matching
from offswitch.verdicts.shell.state import Shell

_NAMES = ("-name", "-iname", "-path", "-wholename", "-ipath", "-lname")
_WITH_VALUE = (
    "-mtime",
    "-mmin",
    "-size",
    "-user",
    "-group",
    "-perm",
    "-newer",
    "-newermt",
    "-inum",
    "-links",
    "-printf",
    "-fprint",
)


def found(words: Sequence[str], shell: Shell) -> list[str]:
    """Return the known paths that a `find` with these words names, as it writes them; times and owners are not told."""
    roots = list(_roots(words)) or ["."]
    tests = (
        list(words)[len([w for w in roots if w in words]) :] if roots != ["."] or words[:1] == (".",) else list(words)
    )
    deepest = next(
        (int(b) for a, b in itertools.pairwise(tests) if a == "-maxdepth" and b.isdecimal() and len(b) < 4),
        99,
    )
    out: list[str] = []
    for root in roots:
        start = shell.path(root)
        for path in [start] * (start in shell.known and start not in shell.gone) + _beneath(start, shell):
            below = path[len(start.rstrip("/")) :]
            if below.count("/") <= deepest and _fits(path, tests, shell):
                out.append(root.rstrip("/") + below if root != "/" else path)
    return out


def _beneath(folder: str, shell: Shell) -> list[str]:
    files = shell.beneath(folder)
    between = {posixpath.dirname(p) for p in files} - {folder}
    return sorted({*files, *(f for f in between if f.startswith(folder))})


def _roots(words: Sequence[str]) -> list[str]:
    out: list[str] = []
    for item in words:
        if item.startswith(("-", "(", "!")):
            break
        out.append(item)
    return out


def _fits(path: str, tests: Sequence[str], shell: Shell) -> bool:
    """Whether one of the alternatives of `-o` holds of a path."""
    part: list[str] = []
    for item in (*tests, "-o"):
        if item in ("-o", "-or"):
            if _all(path, part, shell):
                return True
            part = []
        elif item not in ("(", ")", "\\(", "\\)"):
            part.append(item)
    return False


def _all(path: str, tests: list[str], shell: Shell) -> bool:
    negated, at = False, 0
    folder = path not in shell.known
    while at < len(tests):
        test, value = tests[at], tests[at + 1] if at + 1 < len(tests) else ""
        at += 2
        if test in ("!", "-not"):
            negated, at = True, at - 1
            continue
        if test in _NAMES:
            holds = _named(test, value, path)
        elif test in ("-regex", "-iregex"):
            fits = matching(f"^(?:{value})$", [path], nocase=test == "-iregex")
            holds = fits is not None and fits[0]
        elif test == "-type":
            holds = folder if value == "d" else not folder and value in ("f", "f,l", "l,f")
        else:
            holds, at = True, at if test in (*_WITH_VALUE, "-maxdepth", "-mindepth") else at - 1
            negated = False
        if holds is negated:
            return False
        negated = False
    return not folder or "-type" in tests or any(t in _NAMES for t in tests)


def _named(test: str, value: str, path: str) -> bool:
    given = path if "path" in test or "whole" in test else posixpath.basename(path)
    return fnmatchcase(given.lower(), value.lower()) if test.startswith("-i") else fnmatchcase(given, value)


def listed(words: Sequence[str], shell: Shell) -> list[str]:
    """Return the names that `ls` prints; the long form has them last in a line."""
    flags = "".join(w[1:] for w in words if w.startswith("-") and not w.startswith("--"))
    names = [w for w in words if not w.startswith("-")] or ["."]
    out: list[str] = []
    for name in names:
        path = shell.path(name)
        if "d" not in flags and path not in shell.known and shell.is_folder(path):
            out += [n for n in shell.inside(path) if not n.startswith(".") or "a" in flags.lower()]
        elif path not in shell.gone and not texts_in(name) and UNKNOWN not in name:
            out.append(name)
    return [f"-rwxr-xr-x 1 root root 100 Jan 1 00:00 {n}" for n in out] if "l" in flags else out
