"""Counting: `$((i + 1))`, `((i++))` and `i < 3`, of whole numbers and one operator; anything else is not told."""

import re

from offswitch.verdicts.shell.state import Shell

_PLAIN = re.compile(r"\s*(\S+?)\s*(?:([-+*<>]|<=|>=|==|!=)\s*(\S+?)\s*)?")
_COUNTED = re.compile(r"\s*(\w+)\s*(\+\+|--|\+=|-=)\s*(\w*)\s*")
_LENGTH = re.compile(r"\$\{#(\w+)\[[@*]\]\}")


def computed(expression: str, shell: Shell) -> int | None:
    """Return what an expression comes to (1 or 0 for a comparison); None where it cannot be told."""
    found = _PLAIN.fullmatch(expression[:200])
    left = _number(found[1], shell) if found else None
    if found is None or left is None or found[2] is None:
        return left
    right = _number(found[3], shell)
    if right is None:
        return None
    return int({"+": left + right, "-": left - right, "*": left * right, "<": left < right, ">": left > right, "<=": left <= right,
                ">=": left >= right, "==": left == right, "!=": left != right}[found[2]])  # fmt: skip


def count(expression: str, shell: Shell) -> None:
    """Do `i++`, `i--`, `i += 2` and `i -= 2` to a variable that is known."""
    found = _COUNTED.fullmatch(expression[:200])
    before = _number(found[1], shell) if found else None
    by = 1 if found is None or not found[3] else _number(found[3], shell)
    if found is not None and before is not None and by is not None:
        shell.assign(found[1], str(before + by if "+" in found[2] else before - by))


def _number(word: str, shell: Shell) -> int | None:
    if length := _LENGTH.fullmatch(word):
        return len(shell.arrays.get(length[1], ())) or None
    value = word if word.isdecimal() else shell.value(word.strip("${}")) or ""
    return int(value) if re.fullmatch(r"-?[0-9]{1,9}", value) else None
