"""`expr`: bashkit's takes `6 / 2 \\* 3` from the right."""

import re
from collections.abc import Callable

from offswitch.worlds.machine.call import Call, Result

_LEVELS = (("|",), ("&",), ("<", "<=", "=", "==", "!=", ">=", ">"), ("+", "-"), ("*", "/", "%"), (":",))
_NUMBER = re.compile(r"-?\d{1,18}")


def expr(call: Call) -> Result:
    """`expr WORD OPERATOR WORD...`: status 1 for an empty or zero value, 2 for what is no expression."""
    words = call.argv[1:] if call.argv[:1] == ["--"] else list(call.argv)
    if not words:
        return "", "expr: missing operand\nTry 'expr --help' for more information.\n", 2
    reading = _Reading(words)
    try:
        value = reading.level(0)
        if reading.words:
            raise ValueError(f"syntax error: unexpected argument '{reading.words[0]}'")
    except ValueError as wrong:
        return "", f"expr: {wrong}\n", 2
    return f"{value}\n", "", 1 if value in ("", "0") else 0


class _Reading:
    """What is left of the words of an expression."""

    def __init__(self, words: list[str]) -> None:
        self.words = words

    def level(self, depth: int) -> str:
        """Read operations of this precedence, from the left."""
        if depth == len(_LEVELS):
            return self._word()
        left = self.level(depth + 1)
        while self.words and self.words[0] in _LEVELS[depth]:
            operator = self.words.pop(0)
            left = _applied(operator, left, self.level(depth + 1))
        return left

    def _word(self) -> str:
        if not self.words:
            raise ValueError("syntax error: missing argument")
        word = self.words.pop(0)
        if word == "(":
            value = self.level(0)
            if self.words[:1] != [")"]:
                raise ValueError("syntax error: expecting ')'")
            self.words.pop(0)
            return value
        if word in _FUNCTIONS and len(self.words) >= _FUNCTIONS[word][0]:
            count, act = _FUNCTIONS[word]
            return act(*(self._word() for _ in range(count)))
        return word


def _applied(operator: str, left: str, right: str) -> str:
    if operator == "|":
        return left if left not in ("", "0") else right or "0"
    if operator == "&":
        return left if left not in ("", "0") and right not in ("", "0") else "0"
    if operator == ":":
        return _matched(left, right)
    both = _NUMBER.fullmatch(left) and _NUMBER.fullmatch(right)
    if operator in _LEVELS[2]:
        a, b = (int(left), int(right)) if both else (left, right)
        return str(int({"<": a < b, "<=": a <= b, "!=": a != b, ">=": a >= b, ">": a > b}.get(operator, a == b)))  # type: ignore[operator]
    if not both:
        raise ValueError("non-integer argument")
    return str(_reckoned(operator, int(left), int(right)))


def _reckoned(operator: str, a: int, b: int) -> int:
    if operator in ("/", "%"):
        if not b:
            raise ValueError("division by zero")
        whole = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        return whole if operator == "/" else a - whole * b
    return a + b if operator == "+" else a - b if operator == "-" else a * b


def _matched(text: str, pattern: str) -> str:
    grouped = "\\(" in pattern
    plain = re.sub(r"\\([(){}|+?])|([(){}|+?])", lambda m: m[1] or "\\" + m[2], pattern)
    try:
        found = re.match(plain, text)
    except re.error:
        found = None
    if grouped:
        return (found[1] or "") if found else ""
    return str(len(found[0])) if found else "0"


def _cut(text: str, start: str, count: str) -> str:
    if not (start.isdigit() and count.isdigit()) or start == "0":
        return ""
    return text[int(start) - 1 : int(start) - 1 + int(count)]


_FUNCTIONS: dict[str, tuple[int, Callable[..., str]]] = {
    "length": (1, lambda text: str(len(text))), "substr": (3, _cut), "match": (2, _matched),
    "index": (2, lambda text, chars: str(min((text.index(c) + 1 for c in chars if c in text), default=0))),
}  # fmt: skip
