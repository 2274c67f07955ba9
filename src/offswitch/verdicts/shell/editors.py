"""Programs that change a file in place: `sed -i`, `perl -i`, `patch`, `ed` and `vim -es`, `rename`."""

import posixpath
import re
from collections.abc import Callable, Sequence

from offswitch.verdicts.shell.call import Call
from offswitch.verdicts.shell.lines import parts
from offswitch.verdicts.shell.marks import UNKNOWN
from offswitch.verdicts.shell.options import has, operands, value
from offswitch.verdicts.shell.ran import Effect
from offswitch.verdicts.shell.stream_editors import SUBSTITUTE, sed_lines

_PATCHED = re.compile(r"^\+\+\+ (?!/dev/null)(\S{1,300})", re.M)
_SAVES = re.compile(r"(?:^|[|\n]|-c\s*)\s*[%\d,$.]*\s*(?:w|wq|x|wqa?|xa?|W|update?)!?\s*(?:$|[|\n])", re.M)

_REMARK = re.compile(  # adds a comment, or takes comments, empty lines or blanks at the end of lines away
    r"(?:\d{1,6}|\$|/[^/]*/)?\s*[ai]\s*\\?\s*(?:#[^\n]*)?|/\^(?:#[^/]*|(?:\[\[:space:\]\]|\\s| )?\*?\$)/d|"
    r"s/(?:\[\[:space:\]\]|\\s| |\[ \\t\])(?:\*|\+|\\\+)\$//g?"
)
_PUTS = re.compile(r"(?:\d{1,6}|\$|/[^/]*/)?\s*[aic]\s*\\?\s*([^\n]+)")


def _sed(call: Call) -> list[Effect]:
    """`sed -i`: the operands after the script are changed."""
    options, names = parts("sed", call.words)
    if not any(re.fullmatch(r"-[a-zA-Z]*i.*|--in-place.*", w) for w in call.words):
        return []
    given = [v for k, v in options if k in ("-e", "-f", "--expression", "--file")]
    scripts = given or names[:1]
    if all(_REMARK.fullmatch(s.strip()) for s in scripts):
        return []
    return [_changed(call, n, scripts) for n in (names if given else names[1:])]


def _changed(call: Call, name: str, scripts: Sequence[str]) -> Effect:
    """The effect of a script on a file: what it holds then, where its text is known and the script plain."""
    path = call.path(name)
    text = call.shell.files.get(path)
    if text is None or "\x00" in text:
        return Effect("edit", path, put=put_in(scripts), was=replaced_by(scripts))
    lines = sed_lines(scripts, text.removesuffix("\n").split("\n"), False, has(call.words, "E") or has(call.words, "r"))
    return (
        Effect("edit", path) if lines is None else Effect("write", path, content="".join(f"{line}\n" for line in lines))
    )


def put_in(scripts: Sequence[str]) -> str | None:
    """What the substitutions, additions and new lines of a script put in, one a line; None where one of its commands is neither."""
    out: list[str] = []
    for command in (c.strip() for s in scripts for c in re.split(r"[;\n](?=\s*(?:s[^\w\s]|/|\d|$))", s) if c.strip()):
        if found := SUBSTITUTE.fullmatch(command):
            out.append(_replacement(found[1] or "", found[3], found[4]))
        elif added := _PUTS.fullmatch(command):
            out.append(added[1])
        else:
            return None
    return "\n".join(out) if out else None


def replaced_by(scripts: Sequence[str]) -> str:
    """The plain settings (`NAME=value`) that the substitutions of a script look for, one a line."""
    found = [SUBSTITUTE.fullmatch(s.strip()) for s in scripts]
    plain = [f[3].lstrip("^").rstrip("$") for f in found if f is not None]
    return "\n".join(p for p in plain if re.fullmatch(r"\w+=[\w\"'-]+", p))


def _replacement(address: str, pattern: str, by: str) -> str:
    """A replacement with the plain text of its pattern for `&`, of its first group for `\\1`, and of its line's beginning."""
    group = re.search(r"\\?\(([^()\\]*)\\?\)", pattern)
    plain = re.sub(r"\(\?\w+\)", "", pattern).lstrip("^").rstrip("$")
    first = "" if group is None else group[1]
    by = re.sub(r"(?<!\\)&|\\0|\$&", lambda m: plain, by)
    by = re.sub(r"\\1|\$1|\$\{1\}|\\g<1>", lambda m: first.lstrip("^"), by)
    start = address.lstrip("^").split("=")[0] if by.startswith("=") else ""
    return start + by


def _perl(call: Call) -> list[Effect]:
    """`perl -i` and `ruby -i`: the operands are changed by the script."""
    inplace = any(re.fullmatch(r"-[a-zA-Z0-9]*i(?:\.\w+)?[a-zA-Z]*", w) for w in call.words)
    names, rest, script, scripts = [], list(call.words), False, list[str]()
    while rest:
        item = rest.pop(0)
        if re.fullmatch(r"-[a-zA-Z0-9]*(?:i\.\w+)?[eE]", item):
            script, scripts, rest = True, [*scripts, *rest[:1]], rest[1:]
        elif not item.startswith("-"):
            names.append(item)
    if not inplace or (scripts and all(_REMARK.fullmatch(s.strip()) for s in scripts)):
        return []
    put, was = put_in(scripts), replaced_by(scripts)
    return [Effect("edit", call.path(n), put=put, was=was) for n in (names if script else names[1:])]


def _awk(call: Call) -> list[Effect]:
    options, names = parts("awk", call.words)
    return [Effect("edit", call.path(n)) for n in names[1:]] if ("-i", "inplace") in options else []


def _patch(call: Call) -> list[Effect]:
    """`patch`: the file named, or those that the patch names."""
    names = operands("patch", call.words)
    if any(w in ("--dry-run", "-C", "--check") for w in call.words):
        return []
    if names:
        return [Effect("edit", call.shell.target(names[0]))]
    source = value(call.words, "-i", "--input")
    return patched(call.text(source) if source else call.stdin(), call)


def patched(text: str, call: Call) -> list[Effect]:
    """The effects of a patch: every file that it names, without the `a/` or `b/` before it."""
    return [Effect("edit", call.shell.target(re.sub(r"^[ab]/", "", n))) for n in _PATCHED.findall(text)]


def _editor(call: Call) -> list[Effect]:
    """`ed`, `ex` and `vim -es` with commands that save; what is typed into an open editor is not known."""
    commands, names, rest = list[str](), list[str](), list(call.words)
    while rest:
        item = rest.pop(0)
        if re.fullmatch(r"-[a-zA-Z]*c", item) and rest:
            commands.append(rest.pop(0))
        elif item.startswith("+") or re.fullmatch(r"-c.+", item):
            commands.append(item.lstrip("+-").removeprefix("c"))
        elif not item.startswith("-"):
            names.append(item)
    if call.shell.stdin is not None:
        commands.append(call.stdin())
    saves = any(_SAVES.search(c) for c in commands) and not has(call.words, "R")
    return [Effect("edit", call.shell.target(n)) for n in names] if saves else []


def _rename(call: Call) -> list[Effect]:
    """`rename 's/a/b/' FILES` and `rename A B FILES`."""
    if has(call.words, "n", "--no-act", "--nono", "--dry-run"):
        return []
    names = operands("rename", call.words)
    by_expression = bool(names) and bool(re.match(r"(?:s|y|tr)\W", names[0]))
    files = names[1:] if by_expression else names[2:]
    return [
        Effect("move", call.path(f), call.path(new)) for f in files if (new := _renamed(f, names, by_expression)) != f
    ]


def _renamed(name: str, words: Sequence[str], by_expression: bool) -> str:
    base = posixpath.basename(name)
    if by_expression:
        lines = sed_lines([words[0]], [base], False, True)
        new = lines[0] if lines else UNKNOWN
    else:
        new = base.replace(words[0], words[1], 1)
    return posixpath.join(posixpath.dirname(name), new)


EDITORS: dict[str, Callable[[Call], list[Effect]]] = {
    "sed": _sed, "gsed": _sed, "perl": _perl, "ruby": _perl, "awk": _awk, "gawk": _awk, "patch": _patch, "rename": _rename, "prename": _rename,
    **dict.fromkeys(("ed", "ex", "vi", "vim", "nvim", "view"), _editor),
}  # fmt: skip
