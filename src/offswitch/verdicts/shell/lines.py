"""What every filter shares: its options, and going over the lines of what it is given."""

from collections.abc import Callable, Sequence

from offswitch.verdicts.shell.bounds import LONGEST_WORD
from offswitch.verdicts.shell.call import Call
from offswitch.verdicts.shell.marks import SEPARATOR, UNKNOWN, filtered, text_of, texts_in

_WITH_VALUE: dict[str, tuple[str, ...]] = {
    "head": ("-n", "-c"), "tail": ("-n", "-c"), "cut": ("-d", "-f", "-c", "-b"), "sort": ("-k", "-t", "-o"), "fold": ("-w",),
    "sed": ("-e", "-f", "--expression"), "awk": ("-F", "-v", "-f", "-i"), "gawk": ("-F", "-v", "-f", "-i"),
}  # fmt: skip


def parts(name: str, words: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Return a filter's options (with their values) and its operands."""
    values, options, operands, rest = _WITH_VALUE.get(name, ()), list[tuple[str, str]](), list[str](), list(words)
    while rest:
        item = rest.pop(0)
        if item == "--":
            return options, operands + rest
        if item in values and rest:
            options.append((item, rest.pop(0)))
        elif item.startswith("-") and len(item) > 1:
            short = item[:2] in values and not item.startswith("--")
            options.append((item[:2], item[2:]) if short else (item.partition("=")[0], item.partition("=")[2]))
        else:
            operands.append(item)
    return options, operands


def _picked(text: str, change: Callable[[list[str]], list[str] | None], call: Call) -> str:
    """The paths that a filter cuts out of the lines which a file is known to hold; none where it only leaves lines out."""
    files = texts_in(text)
    held = [w for w in call.shell.holds.get(files[0], ()) if w.startswith("/")] if text == text_of(files[0]) else []
    cut = [line for w in held for line in change([f"    {w}"]) or () if line in held]
    return "".join(f"{line}\n" for line in dict.fromkeys(cut))


def over(call: Call, operands: Sequence[str], change: Callable[[list[str]], list[str] | None]) -> str:
    """Change the lines of the operands' texts, or of the input; a text that is not known stays the mark of its files."""
    text = "".join(call.text(w) for w in operands)[:LONGEST_WORD] if operands else call.stdin()
    if not call.shell.step(len(text)):
        return UNKNOWN
    if texts_in(text):
        return _picked(text, change, call) or filtered(text)
    lines = text.replace(SEPARATOR, "\n").removesuffix("\n").split("\n") if text else []
    changed = [] if not lines else change(lines) if text.strip("\n") != UNKNOWN else lines
    return UNKNOWN + "\n" if changed is None else "".join(f"{line}\n" for line in changed)
