"""Regular expressions that an agent wrote, matched in linear time: Python's own could be made to run for years.

Plain texts are compared as they are; anything else goes to RE2 (as it comes with pyarrow). None is always "cannot be told".
"""

import re
from collections.abc import Sequence

_PLAIN = re.compile(r"[\w /:@%&=,~<>\"'!#;-]*")
_LONGEST = 300
_SIGNS = str.maketrans("", "", "[]^$\\")


def matching(pattern: str, lines: Sequence[str], fixed: bool = False, nocase: bool = False) -> list[bool] | None:
    """Return which lines a pattern is found in; None for a pattern that cannot be read."""
    if (fixed or _PLAIN.fullmatch(pattern)) and not nocase:
        return [pattern in line for line in lines]
    if len(pattern) > _LONGEST or any("\x00" in p for p in (pattern,)):
        return None
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        wanted = re.escape(pattern) if fixed else pattern
        found = pc.match_substring_regex(pa.array(list(lines), pa.string()), wanted, ignore_case=nocase)
    except (ValueError, pa.ArrowException, UnicodeError):
        return None
    return [bool(x) for x in found.to_pylist()]


def names_process(line: str, pattern: str) -> bool:
    """Whether a line with a process's mark is of one that a pattern names, however its columns were searched."""
    plain = pattern.translate(_SIGNS)
    return any(w[:1] == "@" and len(w) > 3 and w[1:] in plain for w in line.split())


def replaced(pattern: str, by: str, lines: Sequence[str], everywhere: bool) -> list[str] | None:
    """Return the lines with a pattern replaced (`\\1` and `&` as in sed); None for one that cannot be read."""
    if len(pattern) > _LONGEST or len(by) > _LONGEST or "\x00" in pattern:
        return None
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = re.sub(r"(?<!\\)&", r"\\0", by).replace("\\&", "&").replace("\\/", "/")
    try:
        array = pa.array(list(lines), pa.string())
        out = pc.replace_substring_regex(array, pattern, whole, max_replacements=None if everywhere else 1)
    except (ValueError, pa.ArrowException, UnicodeError):
        return None
    return [str(x) for x in out.to_pylist()]


def extended(basic: str) -> str:
    """Return a basic regular expression as an extended one: `\\(`, `\\|`, `\\+` are operators there, `(`, `|`, `+` are not."""
    return re.sub(r"\\?[(){}|+?]", lambda m: m[0][1] if len(m[0]) == 2 else "\\" + m[0], basic)
