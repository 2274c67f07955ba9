"""Methods of texts: Python's own, where the text and what it is given are known."""

from collections.abc import Sequence
from typing import Any

from offswitch.verdicts.shell.bounds import LONGEST_WORD, joined, replaced
from offswitch.verdicts.shell.marks import UNKNOWN, filtered, texts_in
from offswitch.verdicts.shell.python.values import known, shown

_TEXT_METHODS = (
    "replace", "strip", "lstrip", "rstrip", "lower", "upper", "removeprefix", "removesuffix", "split", "splitlines", "rsplit",
    "startswith", "endswith", "isdigit", "isdecimal", "partition", "rpartition", "title", "count", "find",
)  # fmt: skip


def of_text(text: str, name: str, args: Sequence[Any]) -> Any:
    """A text's method: Python's own, where the text and what it is given are known."""
    if name in ("decode", "encode", "format_map", "expandtabs"):
        return text
    if name == "join" and args:
        return joined((shown(a) for a in args[0]), text) if isinstance(args[0], list) else UNKNOWN
    if name == "format":
        return _formatted(text, args)
    if name in ("isdigit", "isdecimal", "isnumeric") and text.startswith("@"):
        return True
    if args and args[0] == "\0" and known(text):  # between the words of a process's command line
        return [text] if name == "split" else text
    plain = all(isinstance(a, str | int | list) and known(a) for a in args)
    if name not in _TEXT_METHODS or not known(text) or not plain:
        return ([filtered(text)] if "split" in name else filtered(text)) if texts_in(text) else UNKNOWN
    if name == "replace" and len(args) > 1:
        return replaced(text, shown(args[0]), shown(args[1]))
    try:
        result = getattr(text, name)(*(tuple(a) if isinstance(a, list) else a for a in args))
    except (TypeError, ValueError):
        return UNKNOWN
    return (
        list(result)[:1000]
        if isinstance(result, tuple | list)
        else result[:LONGEST_WORD]
        if isinstance(result, str)
        else result
    )


def _formatted(form: str, args: Sequence[Any]) -> str:
    for i, given in enumerate(args):
        form = replaced(replaced(form, "{" + str(i) + "}", shown(given)), "{}", shown(given), 1)
    return form
