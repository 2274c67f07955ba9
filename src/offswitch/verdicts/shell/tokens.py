"""Texts, names, numbers and signs of Perl, Ruby, JavaScript, PHP and awk, and the arguments of a call among them."""

import re
from collections.abc import Sequence

from offswitch.verdicts.shell.marks import UNKNOWN

_TOKEN = re.compile(
    r"(?P<text>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|q[qw]?\{[^{}]*\}|q[qw]?\([^()]*\)|%x\{[^{}]*\}|qx\{[^{}]*\})"
    r"|(?P<comment>\#(?!\{)[^\n]*|//[^\n]*|/\*.*?\*/)|(?P<name>[$@]?[A-Za-z_][\w]*(?:(?:\.|::|->)[A-Za-z_]\w*)*)"
    r"|(?P<number>0[xo]?[0-7a-fA-F]+|\d+)|(?P<sign>>>|[-+(){}\[\];,=|<>.!&])",
    re.S,
)
Token = tuple[str, str]


def literal(token: str, names: dict[str, str]) -> str:
    """The text of a quoted token; variables in it are filled in where they are known."""
    if token[0] in "\"'`":
        inner = re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), token[1:-1])
    else:
        inner = re.sub(r"^(?:q[qwx]?|%x)[{(]|[})]$", "", token)
    if token[0] == "'" or ("$" not in inner and "#{" not in inner):
        return inner
    return re.sub(r"#\{(\w+)\}|\$\{?(\w+)\}?", lambda m: names.get(m[1] or f"${m[2]}", UNKNOWN), inner)


def tokenised(source: str) -> list[Token]:
    """Cut a script into (kind, source) of its tokens, comments left out."""
    return [(m.lastgroup or "", m[0]) for m in _TOKEN.finditer(source) if m.lastgroup != "comment"]


def assigned(tokens: Sequence[Token]) -> dict[str, str]:
    """Names that are set to one text."""
    out: dict[str, str] = {}
    for (kind, name), (_, sign), (what, value) in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if kind == "name" and sign == "=" and what == "text":
            out[name] = literal(value, out)
    return out


def arguments(tokens: Sequence[Token], at: int, names: dict[str, str]) -> list[str]:
    """The arguments that follow a name, up to the end of the call; one that is no single text or number is unknown."""
    out: list[str] = []
    part: list[Token] = []
    depth = 0
    for kind, word in tokens[at : at + 60]:
        if word in ("(", "[", "{"):
            depth += 1
            continue
        if word in (")", "]", "}"):
            depth -= 1
            if depth <= 0:
                break
            continue
        if word in (";",) or (kind == "name" and word in ("or", "and", "if", "unless", "foreach", "for", "do")):
            break
        if word == ",":
            out.append(_argument(part, names))
            part = []
        else:
            part.append((kind, word))
    return [*out, _argument(part, names)] if part else out


def _argument(part: Sequence[Token], names: dict[str, str]) -> str:
    if len(part) != 1:
        shift = part[:1] == [("sign", "-")] and len(part) == 2
        return f"-{part[1][1]}" if shift else UNKNOWN
    kind, word = part[0]
    if kind == "text":
        runs = word.startswith(("`", "qx", "%x"))
        return literal(word, names) if not runs else f"`{literal(word, names)}"
    return names.get(word, UNKNOWN) if kind == "name" and word in names else word if kind != "sign" else UNKNOWN


def owned(name: str) -> tuple[str, str]:
    """Return (owner, last part) of a dotted name."""
    parts = re.split(r"\.|::|->", name)
    return (parts[-2] if len(parts) > 1 else "", parts[-1])
