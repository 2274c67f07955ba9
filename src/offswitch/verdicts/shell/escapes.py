"""What a backslash and the letters behind it stand for, in `$'…'` and `echo -e`."""

import re

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "e": "\x1b", "a": "\x07"}
_ESCAPED = re.compile(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.S)


def escaped(value: str) -> str:
    """Return what `$'…'` or `echo -e` make of a text."""
    return _ESCAPED.sub(lambda m: _escape(m.group(1)), value)


def _escape(code: str) -> str:
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8) & 0xFF)
    return _ESCAPES.get(code, code)
