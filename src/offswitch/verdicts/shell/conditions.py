"""What a test (`[ … ]`, `[[ … ]]`, `test`) comes to, where its words tell; of what is on the disk, only what is a folder."""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

_NUMBERS = {"-eq": "__eq__", "-ne": "__ne__", "-lt": "__lt__", "-le": "__le__", "-gt": "__gt__", "-ge": "__ge__"}


def holds(words: Sequence[str], patterns: bool = False, folder: Callable[[str], bool] = lambda _: False) -> bool | None:
    """Return whether a test holds; None where the commands alone do not tell. `folder` says which words name one."""
    for operator, decides in (("||", True), ("-o", True), ("&&", False), ("-a", False)):
        if operator in words:
            at = words.index(operator)
            sides = [holds(part, patterns, folder) for part in (words[:at], words[at + 1 :])]
            return decides if decides in sides else None if None in sides else not decides
    if words[:1] == ["!"] or words[:1] == ("!",):
        inner = holds(words[1:], patterns, folder)
        return None if inner is None else not inner
    if len(words) == 2 and words[0] in ("-d", "-f") and folder(words[1]):
        return words[0] == "-d"
    return _simple(words, patterns)


def _simple(words: Sequence[str], patterns: bool) -> bool | None:
    if any("\x00" in w for w in words):
        return None
    match list(words):
        case []:
            return False
        case [one]:
            return bool(one)
        case ["-n", one]:
            return bool(one)
        case ["-z", one]:
            return not one
        case [left, "=" | "==", right]:
            return fnmatchcase(left, right) if patterns else left == right
        case [left, "!=", right]:
            return not (fnmatchcase(left, right) if patterns else left == right)
        case [left, operator, right] if operator in _NUMBERS and _number(left) and _number(right):
            return bool(getattr(int(left), _NUMBERS[operator])(int(right)))
    return None


def _number(word: str) -> bool:
    return word.removeprefix("-").isdecimal() and len(word) < 20
