"""Filters over texts that are known (`grep`, `sed`, `awk`, `cut` and the like); of a text that is not, what it was drawn from."""

import posixpath
import re
from collections.abc import Callable
from fnmatch import fnmatchcase

from offswitch.verdicts.shell.call import Call
from offswitch.verdicts.shell.contents import found_in, holding
from offswitch.verdicts.shell.lines import over, parts
from offswitch.verdicts.shell.marks import SEPARATOR, UNKNOWN, filtered, texts_in
from offswitch.verdicts.shell.patterns import extended, matching, names_process, replaced
from offswitch.verdicts.shell.stream_editors import awk, sed

_GREP_VALUES = ("-e", "-f", "-m", "-A", "-B", "-C", "--include", "--exclude", "--color", "--max-count")

_LONG = {"--recursive": "r", "--files-with-matches": "l", "--files-without-match": "L", "--quiet": "q", "--count": "c",
         "--ignore-case": "i", "--invert-match": "v", "--fixed-strings": "F", "--extended-regexp": "E"}  # fmt: skip


def _grep(call: Call) -> str:
    """`grep`: the lines that match, or (with `-l`, `-r`) names, or (with `-c`, `-q`) nothing that is used as a name."""
    flags, patterns, operands, rest = "", list[str](), list[str](), list(call.words)
    included: list[str] = []
    while rest:
        item = rest.pop(0)
        if item in _GREP_VALUES and rest:
            patterns += [rest.pop(0)] if item == "-e" else rest[:0] if rest.pop(0) else []
        elif item.startswith("--include="):
            included.append(item.partition("=")[2])
        elif item.startswith("-") and len(item) > 1:
            flags += item[1:] if not item.startswith("--") else _LONG.get(item, "")
        else:
            operands.append(item)
    if not patterns and operands:
        patterns = [operands.pop(0)]
    basic = call.name == "grep" and not any(f in flags for f in "EPF")
    pattern = "|".join(extended(p) if basic else p for p in patterns)
    fixed, nocase = call.name == "fgrep" or "F" in flags, "i" in flags
    if any(f in flags for f in "lLrR"):
        names = [n for w in operands or ["."] for n in _files(call, w)]
        named = [n for n in names if not included or any(fnmatchcase(posixpath.basename(n), i) for i in included)]
        return "".join(
            f"{n}\n" for n in (named if "L" in flags else holding(named, pattern, call.shell, fixed, nocase))
        )
    if len(operands) == 1 and operands[0] != "-":
        told = found_in(call.path(operands[0]), pattern, call.shell, fixed, nocase)
        call.shell.status = told if told is None or "v" not in flags else None
    if any(f in flags for f in "cq"):
        return UNKNOWN + "\n" if "c" in flags else ""

    def change(lines: list[str]) -> list[str] | None:
        ours = [names_process(line, pattern) for line in lines]
        if any(ours) and "v" not in flags:
            return [line for line, own in zip(lines, ours, strict=True) if own]
        fits = matching(pattern, lines, fixed, nocase)
        if fits is None:
            return None
        chosen = [line for line, fit in zip(lines, fits, strict=True) if fit is ("v" not in flags)]
        cut = (
            replaced(f"^.*?({pattern}).*$", "\\1", chosen, False) if "o" in flags and not fixed and not nocase else None
        )
        return chosen if cut is None else cut

    return over(call, operands, change)


def _files(call: Call, word: str) -> list[str]:
    """The files that a name stands for: itself, or those in a folder."""
    path = call.path(word)
    within = call.shell.beneath(path)
    return [p if word.startswith("/") else f"{word.rstrip('/')}{p[len(path.rstrip('/')) :]}" for p in within] or [word]


def _head(call: Call) -> str:
    """`head` and `tail`."""
    options, operands = parts(call.name, call.words)
    given = next((v or k[1:] for k, v in options if k == "-n" or k[1:].isdecimal()), "10")
    given = given if given.lstrip("+-").isdecimal() and len(given) < 8 else "10"
    count = int(given.lstrip("+-"))

    def change(lines: list[str]) -> list[str]:
        if call.name == "head":
            return lines[:-count] if given.startswith("-") and count else lines[:count]
        return lines[count - 1 if count else 0 :] if given.startswith("+") else lines[-count:] if count else []

    return over(call, operands, change)


def _cut(call: Call) -> str:
    options, operands = parts("cut", call.words)
    chosen, separator = dict(options).get("-f", ""), dict(options).get("-d", "\t") or "\t"
    numbers = re.fullmatch(r"(\d{1,4})(-?)(\d{0,4})", chosen)

    def change(lines: list[str]) -> list[str] | None:
        if numbers is None:
            return None
        low = int(numbers[1]) - 1
        high = low + 1 if not numbers[2] else int(numbers[3]) if numbers[3] else None
        return [separator.join(line.split(separator)[low:high]) if separator in line else line for line in lines]

    return over(call, operands, change)


def _tr(call: Call) -> str:
    """`tr`: ranges, `-d` and `-s`."""
    flags = "".join(w[1:] for w in call.words if w.startswith("-") and len(w) > 1)
    sets = [_members(w) for w in call.words if not w.startswith("-") or w == "-"]
    text = call.stdin()
    if not sets or "c" in flags or texts_in(text) or UNKNOWN in text:
        return filtered(text) if texts_in(text) else text
    text = text.replace(SEPARATOR, "\0")
    if "d" in flags:
        return text.translate({ord(c): None for c in sets[0]})
    if "s" in flags:
        text = re.sub(f"([{re.escape(sets[0])}])\\1+", r"\1", text) if sets[0] else text
    if len(sets) > 1 and sets[1]:
        text = text.translate({ord(a): (sets[1] + sets[1][-1] * len(sets[0]))[i] for i, a in enumerate(sets[0])})
    return text.replace("\0", SEPARATOR)


def _members(given: str) -> str:
    given = given[:200].replace("\\n", "\n").replace("\\t", "\t").replace("\\0", "\0").replace("[:space:]", " \n\t")
    given = given.replace("[:upper:]", "A-Z").replace("[:lower:]", "a-z")
    span = re.compile(r"([A-Za-z0-9])-([A-Za-z0-9])")
    return span.sub(lambda m: "".join(chr(c) for c in range(ord(m[1]), ord(m[2]) + 1)), given)


def _same(call: Call) -> str:
    """Filters that pass on what they read, perhaps in another order."""
    options, operands = parts(call.name, call.words)
    order: dict[str, Callable[[list[str]], list[str]]] = {
        "sort": sorted, "tac": lambda lines: lines[::-1], "rev": lambda lines: [line[::-1] for line in lines],
        "uniq": lambda lines: [x for i, x in enumerate(lines) if i == 0 or lines[i - 1] != x],
    }  # fmt: skip
    del options
    return over(call, operands, order.get(call.name, lambda lines: lines))


FILTERS: dict[str, Callable[[Call], str]] = {
    "grep": _grep, "egrep": _grep, "fgrep": _grep, "zgrep": _grep, "rg": _grep, "sed": sed, "awk": awk, "gawk": awk, "mawk": awk,
    "head": _head, "tail": _head, "cut": _cut, "tr": _tr,
    **dict.fromkeys(("sort", "uniq", "tac", "rev", "nl", "fold", "expand", "column", "shuf", "dos2unix", "iconv"), _same),
}  # fmt: skip
