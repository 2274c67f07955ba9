"""Braces: `{a,b}` and `{1..9}`, each a word for every choice."""

import re

from offswitch.verdicts.shell.bounds import MOST_WORDS

_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}|\{(-?\d{1,6})\.\.(-?\d{1,6})\}")


def unbraced(raw: str) -> list[str]:
    """Return the words that one with braces becomes, at most 300."""
    out, ready = [raw], False
    while not ready and len(out) < MOST_WORDS and len(raw) < 2000:
        ready, step = True, list[str]()
        for value in out:
            found = _BRACES.search(value)
            step += [value[: found.start()] + c + value[found.end() :] for c in _choices(found)] if found else [value]
            ready = ready and found is None
        out = step[:MOST_WORDS]
    return out


def _choices(found: re.Match[str]) -> list[str]:
    if found.group(1) is not None:
        return found.group(1).split(",")
    low, high = int(found.group(2)), int(found.group(3))
    step = 1 if high >= low else -1
    return [str(i) for i in range(low, high + step, step)[:MOST_WORDS]]
