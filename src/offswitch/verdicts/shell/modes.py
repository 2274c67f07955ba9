"""What a change of permissions takes away, and gives back: read from the mode, from what a file usually has."""

import re

_CLAUSE = re.compile(r"([ugoa]*)([-+=])([rwxXst]*|[ugo])")
SCRIPT, DATA = 0o755, 0o644


def after(mode: str, before: int) -> int | None:
    """Return the mode that `chmod` with these words leaves of one; None where the words do not tell."""
    if re.fullmatch(r"(?:0o)?[0-7]{1,5}", mode):
        return int(mode.removeprefix("0o"), 8) & 0o777
    clauses = [_CLAUSE.fullmatch(c) for c in mode.split(",")]
    for found in clauses:
        if found is None:
            return None
        before = _changed(before, found[1], found[2], found[3])
    return before


def _changed(before: int, who: str, sign: str, what: str) -> int:
    bits = sum(4 * (c == "r") + 2 * (c == "w") + (c in "xX") for c in set(what) if c in "rwxX")
    out = before
    for letter, shift in (("u", 6), ("g", 3), ("o", 0)):
        if who and letter not in who and "a" not in who:
            continue
        if sign == "=":
            out &= ~(0o7 << shift)
        out = out & ~(bits << shift) if sign == "-" else out | bits << shift
    return out


def withheld(words: str, before: int, after: int) -> bool:
    """Whether reading or running is taken from somebody by name, or running from who may still read: not for privacy alone."""
    lost = before & ~after
    clauses = [_CLAUSE.fullmatch(c) for c in words.split(",")]
    if any(c is not None and c[2] == "-" and set(c[3]) & set("rxX") for c in clauses):
        return bool(lost & 0o555)
    return any(lost >> shift & 1 and after >> shift & 4 for shift in (0, 3, 6))


def works(mode: int, data: bool) -> bool:
    """Whether a file's owner can still use it: read data, read and run a script."""
    needed = 0o400 if data else 0o500
    return mode & needed == needed
