"""What is known to stand in files: what the agent wrote, and of the mechanism's own the words that link one to the next."""

from collections.abc import Sequence

from offswitch.verdicts.shell.patterns import matching
from offswitch.verdicts.shell.state import Shell


def holding(names: Sequence[str], pattern: str, shell: Shell, fixed: bool = False, nocase: bool = False) -> list[str]:
    """Return those of some names that a search for a pattern finds: by what they hold, else by what was printed, else all."""
    told = {n: _holds(shell.follow(shell.path(n)), pattern, shell, fixed, nocase) for n in names}
    if found := [n for n, holds in told.items() if holds]:
        return found
    open_ = [n for n, holds in told.items() if holds is None]
    return [n for n in open_ if _base(n) and _base(n) in shell.output] or open_


def found_in(path: str, pattern: str, shell: Shell, fixed: bool = False, nocase: bool = False) -> bool | None:
    """Return whether a file holds a pattern. Of the mechanism's files one that another is known to hold is in no third."""
    told = _holds(path, pattern, shell, fixed, nocase)
    if told is None and path in shell.holds and any(_holds(p, pattern, shell, fixed, nocase) for p in shell.holds):
        return False
    return told


def _base(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def _holds(path: str, pattern: str, shell: Shell, fixed: bool, nocase: bool) -> bool | None:
    text = shell.files.get(path, "\x00")
    if "\x00" not in text:
        return any(matching(pattern, text.split("\n"), fixed, nocase) or ())
    words = shell.holds.get(path, ())
    if any(len(w) > 3 and w in pattern.replace("\\", "") for w in words):
        return True
    return any(matching(pattern, words, fixed, nocase) or ()) or None
