"""`sed` and `awk` as filters: plain substitutions, deletions, and printing of fields."""

import re
from collections.abc import Sequence

from offswitch.verdicts.shell.call import Call
from offswitch.verdicts.shell.lines import over, parts
from offswitch.verdicts.shell.patterns import extended, matching, names_process, replaced

SUBSTITUTE = re.compile(
    r"(?:/((?:\\.|[^/\\])*)/)?s([/|#,@:!%])((?:\\.|(?!\2).)*)\2((?:\\.|(?!\2).)*)\2([gIpme]*)", re.S
)
_DELETE = re.compile(r"[/\\]?(?:/((?:\\.|[^/\\])*)/|(\d{1,6})(?:,(\d{1,6}|\$))?)(!?)([dp])")
_FIELDS = re.compile(
    r"([^{}]*?)\s*(?:\{\s*print\s*((?:\$\w+|\"[^\"]*\"|[\s,])*)(?:;\s*(?:exit)?)?\s*\}\s*;?\s*)?", re.S
)
_TESTED = re.compile(
    r"(?:\$(\w+)\s*)?(!?)(~|==|!=)?\s*(?:/((?:\\.|[^/\\])*)/|\"((?:\\.|[^\"\\])*)\")|NR\s*(>=?|==|!=)\s*(\d{1,6})", re.S
)


def sed(call: Call) -> str:
    """`sed` with plain `s`, `d` and `p` commands."""
    options, operands = parts("sed", call.words)
    scripts = [v for k, v in options if k in ("-e", "--expression")] or operands[:1]
    flags = "".join(k for k, _ in options)
    operands = operands if any(k in ("-e", "--expression") for k, _ in options) else operands[1:]
    if "-i" in flags or "--in-place" in flags:
        return ""
    return over(call, operands, lambda lines: sed_lines(scripts, lines, "-n" in flags, "E" in flags or "r" in flags))


def previewed(call: Call) -> list[str]:
    """The files that `sed`, `perl` or `awk` would change were it told to do so in place."""
    options, operands = parts("sed", call.words)
    flags = [k for k, _ in options]
    if call.name not in ("sed", "perl", "awk", "gawk") or any(re.match(r"-[a-zA-Z]*[in]|--in-place", f) for f in flags):
        return []
    given = [v for k, v in options if k in ("-e", "--expression")]
    scripts = given or operands[:1]
    changes = any(re.search(r"(?<![\w-])s([/|#,@:!%]).+\1|g?sub\(|/[dc]\s*$", s) for s in scripts)
    return [call.path(w) for w in (operands if given and call.name == "sed" else operands[1:])] if changes else []


def sed_lines(scripts: Sequence[str], lines: list[str], quiet: bool, is_extended: bool) -> list[str] | None:
    """Return what `sed` makes of lines; None for a script that is not plain enough."""
    for command in (c.strip() for s in scripts for c in re.split(r"[;\n](?=\s*(?:s[^\w\s]|/|\d|$))", s)):
        if not command:
            continue
        if found := SUBSTITUTE.fullmatch(command):
            pattern = found[3] if is_extended else extended(found[3])
            if "p" in found[5]:  # with `-n` the changed lines alone; without it they are there twice
                fits = matching(pattern, lines) if quiet else None
                lines = [line for line, fit in zip(lines, fits or (), strict=False) if fit]
                changed = replaced(pattern, found[4], lines, "g" in found[5]) if fits is not None else None
            else:
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


def awk(call: Call) -> str:
    """`awk` with a pattern and a `print` of fields; any other script of a known text comes to what is not known."""
    options, operands = parts("awk", call.words)
    script, separator = (operands[:1] or [""])[0].strip(), dict(options).get("-F", "").strip("'\"")
    for name, _, given in (v.partition("=") for k, v in options if k == "-v" and "=" in v):
        script = re.sub(rf"(?<![\w$/]){re.escape(name)}(?!\w)", f'"{given}"'.replace("\\", "\\\\"), script)
    if dict(options).get("-i") == "inplace":
        return ""

    def change(lines: list[str]) -> list[str] | None:
        found = _FIELDS.fullmatch(script)
        fits = _chosen(found[1], lines, separator) if found is not None else None
        if found is None or fits is None:
            return _meant(script, lines)
        kept = [line for line, fit in zip(lines, fits, strict=True) if fit]
        return kept if not (found[2] or "").strip() else [_printed(line, found[2], separator) for line in kept]

    return over(call, operands[1:], change)


def _meant(script: str, lines: list[str]) -> list[str] | None:
    """Of a list of processes, the ids of those that a script names which cannot be read otherwise."""
    ids = [w for line in lines for w in line.split() if names_process(w, script)]
    return ids or None


def _chosen(condition: str, lines: list[str], separator: str) -> list[bool] | None:
    """Which lines a condition (`/a/ && !/b/`, `$2 ~ /a/`, `$1 == "a"`, `NR > 1`) chooses; None where it cannot be told."""
    fits = [True] * len(lines)
    for part in (p.strip() for p in re.split(r"\s*&&\s*(?=[!/$N])", condition) if p.strip()):
        holds = _holds(part, lines, separator)
        if holds is None:
            return None
        fits = [a and b for a, b in zip(fits, holds, strict=True)]
    return fits


def _holds(part: str, lines: list[str], separator: str) -> list[bool] | None:
    found = _TESTED.fullmatch(part)
    if found is None:
        return [True] * len(lines) if part == "1" else None
    if found[6]:
        at = (
            int(found[7]) if found[6][0] != ">" or not any(" @" in f" {line}" for line in lines) else 0
        )  # no heading here
        return [{">": i > at, ">=": i >= at, "==": i == at, "!=": i != at}[found[6]] for i in range(1, len(lines) + 1)]
    texts = lines if found[1] is None else [_printed(line, f"${found[1]}", separator) for line in lines]
    if found[3] in ("==", "!="):
        return [(t == found[5]) is (found[3] == "==") for t in texts]
    pattern = found[4] if found[4] is not None else found[5]
    fits = matching(pattern.replace("\\/", "/"), texts)
    if fits is None or found[2]:
        return fits and [not fit for fit in fits]
    return [fit or names_process(line, pattern) for line, fit in zip(lines, fits, strict=True)]


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
