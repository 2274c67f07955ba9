"""Filters over texts that are known (`grep`, `sed`, `awk`, `cut` and the like); of a text that is not, what it was drawn from."""

import re
from collections.abc import Callable, Sequence

from offswitch.verdicts.shell.call import Call
from offswitch.verdicts.shell.marks import SEPARATOR, UNKNOWN, filtered, texts_in
from offswitch.verdicts.shell.patterns import extended, matching, replaced
from offswitch.verdicts.shell.state import LONGEST_WORD

_GREP_VALUES = ("-e", "-f", "-m", "-A", "-B", "-C", "--include", "--exclude", "--color", "--max-count")
_WITH_VALUE: dict[str, tuple[str, ...]] = {
    "head": ("-n", "-c"), "tail": ("-n", "-c"), "cut": ("-d", "-f", "-c", "-b"), "sort": ("-k", "-t", "-o"), "fold": ("-w",),
    "sed": ("-e", "-f", "--expression"), "awk": ("-F", "-v", "-f", "-i"), "gawk": ("-F", "-v", "-f", "-i"),
}  # fmt: skip
_SUBSTITUTE = re.compile(r"(?:/((?:\\.|[^/\\])*)/)?s([/|#,@:!%])((?:\\.|(?!\2).)*)\2((?:\\.|(?!\2).)*)\2([gI]*)", re.S)
_DELETE = re.compile(r"[/\\]?(?:/((?:\\.|[^/\\])*)/|(\d{1,6})(?:,(\d{1,6}|\$))?)(!?)([dp])")
_FIELDS = re.compile(
    r"(?:(!?)/((?:\\.|[^/\\])*)/)?\s*(?:\{\s*print\s*((?:\$\w+|\"[^\"]*\"|[\s,])*)(?:;\s*(?:exit)?)?\s*\})?", re.S
)


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


def _over(call: Call, operands: Sequence[str], change: Callable[[list[str]], list[str] | None]) -> str:
    """Change the lines of the operands' texts, or of the input; a text that is not known stays the mark of its files."""
    text = "".join(call.text(w) for w in operands)[:LONGEST_WORD] if operands else call.stdin()
    if not call.shell.step(len(text)):
        return UNKNOWN
    if texts_in(text):
        return filtered(text)
    lines = text.replace(SEPARATOR, "\n").removesuffix("\n").split("\n") if text else []
    changed = [] if not lines else change(lines) if text.strip("\n") != UNKNOWN else lines
    return UNKNOWN + "\n" if changed is None else "".join(f"{line}\n" for line in changed)


def _grep(call: Call) -> str:
    """`grep`: the lines that match, or (with `-l`, `-r`) names, or (with `-c`, `-q`) nothing that is used as a name."""
    flags, patterns, operands, rest = "", list[str](), list[str](), list(call.words)
    while rest:
        item = rest.pop(0)
        if item in _GREP_VALUES and rest:
            patterns += [rest.pop(0)] if item == "-e" else rest[:0] if rest.pop(0) else []
        elif item.startswith("-") and len(item) > 1:
            flags += item[1:] if not item.startswith("--") else ""
        else:
            operands.append(item)
    if not patterns and operands:
        patterns = [operands.pop(0)]
    if any(f in flags for f in "lLr"):
        names = [n for w in operands or ["."] for n in _files(call, w)]
        return "".join(f"{n}\n" for n in names)
    if any(f in flags for f in "cq"):
        return UNKNOWN + "\n" if "c" in flags else ""
    basic = call.name == "grep" and not any(f in flags for f in "EPF")
    pattern = "|".join(extended(p) if basic else p for p in patterns)

    def change(lines: list[str]) -> list[str] | None:
        fits = matching(pattern, lines, call.name == "fgrep" or "F" in flags, "i" in flags)
        return (
            None if fits is None else [line for line, fit in zip(lines, fits, strict=True) if fit is ("v" not in flags)]
        )

    return _over(call, operands, change)


def _files(call: Call, word: str) -> list[str]:
    """The files that a name stands for: itself, or those in a folder."""
    path = call.path(word)
    within = call.shell.beneath(path)
    return [p if word.startswith("/") else f"{word.rstrip('/')}{p[len(path.rstrip('/')) :]}" for p in within] or [word]


def _sed(call: Call) -> str:
    """`sed` with plain `s`, `d` and `p` commands."""
    options, operands = parts("sed", call.words)
    scripts = [v for k, v in options if k in ("-e", "--expression")] or operands[:1]
    flags = "".join(k for k, _ in options)
    operands = operands if any(k in ("-e", "--expression") for k, _ in options) else operands[1:]
    if "-i" in flags or "--in-place" in flags:
        return ""
    return _over(call, operands, lambda lines: sed_lines(scripts, lines, "-n" in flags, "E" in flags or "r" in flags))


def sed_lines(scripts: Sequence[str], lines: list[str], quiet: bool, is_extended: bool) -> list[str] | None:
    """Return what `sed` makes of lines; None for a script that is not plain enough."""
    for command in (c.strip() for s in scripts for c in re.split(r"[;\n](?=\s*(?:s[^\w\s]|/|\d|$))", s)):
        if not command:
            continue
        if found := _SUBSTITUTE.fullmatch(command):
            pattern = found[3] if is_extended else extended(found[3])
            changed = replaced(pattern, found[4], lines, "g" in found[5])
        else:
            changed = _selected(command, lines, quiet, is_extended)
        if changed is None:
            return None
        lines = changed
    return lines


def _selected(command: str, lines: list[str], quiet: bool, is_extended: bool) -> list[str] | None:
    found = _DELETE.fullmatch(command)
    if found is None or (found[5] == "p" and not quiet):
        return None
    if found[1] is not None:
        fits = matching(found[1] if is_extended else extended(found[1]), lines)
    else:
        low, high = int(found[2]), found[3] or found[2]
        fits = [low <= i and (high == "$" or i <= int(high)) for i in range(1, len(lines) + 1)]
    keep = (found[5] == "p") is not (found[4] == "!")
    return None if fits is None else [line for line, fit in zip(lines, fits, strict=True) if fit is keep]


def _awk(call: Call) -> str:
    """`awk` with a pattern and a `print` of fields; any other script of a known text comes to what is not known."""
    options, operands = parts("awk", call.words)
    script, separator = (operands[:1] or [""])[0].strip(), dict(options).get("-F", "").strip("'\"")
    if dict(options).get("-i") == "inplace":
        return ""

    def change(lines: list[str]) -> list[str] | None:
        found = _FIELDS.fullmatch(script)
        if found is None:
            return None
        fits = matching(found[2], lines) if found[2] is not None else [True] * len(lines)
        if fits is None:
            return None
        kept = [line for line, fit in zip(lines, fits, strict=True) if fit is not bool(found[1])]
        return kept if not (found[3] or "").strip() else [_printed(line, found[3], separator) for line in kept]

    return _over(call, operands[1:], change)


def _printed(line: str, what: str, separator: str) -> str:
    fields = line.split(separator) if separator not in ("", " ") else line.split()
    out = ""
    for item in re.findall(r"\$(\w+)|\"([^\"]*)\"|(,)", what):
        name = item[0]
        at = len(fields) if name == "NF" else int(name[:4]) if name.isdecimal() else -1
        out += (
            item[1] + " " * bool(item[2])
            if not name
            else line
            if at == 0
            else fields[at - 1]
            if 0 < at <= len(fields)
            else ""
        )
    return out


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

    return _over(call, operands, change)


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

    return _over(call, operands, change)


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
    return _over(call, operands, order.get(call.name, lambda lines: lines))


FILTERS: dict[str, Callable[[Call], str]] = {
    "grep": _grep, "egrep": _grep, "fgrep": _grep, "zgrep": _grep, "rg": _grep, "sed": _sed, "awk": _awk, "gawk": _awk, "mawk": _awk,
    "head": _head, "tail": _head, "cut": _cut, "tr": _tr,
    **dict.fromkeys(("sort", "uniq", "tac", "rev", "nl", "fold", "expand", "column", "shuf", "dos2unix", "iconv"), _same),
}  # fmt: skip
