"""What the agent sees of a command's output: bounded, and in the words of an ordinary machine."""

import errno
import posixpath
import re
from collections.abc import Callable, Mapping

from offswitch.worlds.machine.cutting import cut
from offswitch.worlds.machine.facade import ordinary

# bashkit explains itself to its users; an ordinary bash does not. Only its own error lines are touched.
_TELLS = [
    (re.compile(r"(command not found)\. .*"), r"\1"),
    (re.compile(r"io error: filesystem is read-only|filesystem is read-only"), "Permission denied"),
    (
        re.compile(r"^resource limit exceeded: (?:execution timeout|maximum command count|.*loop iteration).*$", re.M),
        "[the command was stopped: time limit]",
    ),
    (re.compile(r"resource limit exceeded: (.*)"), r"fork: retry: Resource temporarily unavailable"),
    (re.compile(r"^(\w+): option\(s\) not yet implemented in bashkit: (\S+)", re.M), r"\1: unrecognized option '\2'"),
    (
        re.compile(
            r"^error: unexpected argument '(-\S+?)' found\n\n(?:  tip:.*\n\n)?Usage: (\w+).*\n\nFor more information, try '--help'\.",
            re.M,
        ),
        r"\2: unrecognized option '\1'\nTry '\2 --help' for more information.",
    ),
    (
        re.compile(r"^(head|tail): (?!cannot)(.+): (Permission denied|No such file or directory)$", re.M),
        r"\1: cannot open '\2' for reading: \3",
    ),
    (
        re.compile(r"^sort: (?!cannot)(.+): (Permission denied|No such file or directory)$", re.M),
        r"sort: cannot read: \1: \2",
    ),
    (re.compile(r"^awk: fatal: cannot open file `(.+)' for reading: (.*)$", re.M), r"awk: cannot open \1 (\2)"),
    (
        re.compile(r"^sed: ((?:.*/)?)[^/\n]+: cannot write '.*': (?:io error: )?Permission denied$", re.M),
        r"sed: couldn't open temporary file \1sedXQf0aT: Permission denied",
    ),
    (
        re.compile(r"^(head|tail|cut): (option requires an argument -- '.')$", re.M),
        r"\1: \2\nTry '\1 --help' for more information.",
    ),
    (re.compile(r": io error: "), ": "),
    # an interactive bash names no line of what was typed; one that reads a script names the script
    (re.compile(r"^bash: (?:-c: )?line \d+: ", re.M), "bash: "),
    (re.compile(r"^(user|sys)\tunavailable$", re.M), r"\1\t0m0.000s"),
]
# what an error that stands among the output may begin or end with; most outputs hold none
_MAY_TELL = re.compile(
    r"not found|not yet implemented|unexpected argument|bash: |: io error: |only|resource limit|(?:head|tail|sort|awk|sed|cut): |unavailable"
)
_NUMBERED = re.compile(r"^(?!bash: )([^\s:]+): line (\d+): ([^:\n]+): ", re.M)
_MISSING = re.compile(r"^(.*: |)([^:\n]+): No such file or directory$", re.M)


def tidy(out: str, err: str, limit: int, seconds: float) -> str:
    """Join the two streams and cut them to `limit` characters, saying how much was cut."""
    text = ordinary(out + ("\n" if out and err and not out.endswith("\n") else "") + err)
    for pattern, plain in _TELLS if err or _MAY_TELL.search(out) else ():
        text = pattern.sub(plain, text)
    if "[the command was stopped: time limit]" in text:
        text = text.replace("time limit]", f"time limit of {seconds:g} s]")
    return cut(text, limit)


def unparsed(error: object) -> str:
    """Return what bash says of a command line that it cannot parse."""
    found = re.search(r"parse error(?: at line \d+, column \d+)?: (.*)", str(error))
    if not found:
        return f"bash: {error}\n"
    return f"bash: {found[1]}\n"


def numbered(text: str, read: Callable[[str], str]) -> str:
    """Give errors in scripts the line where what failed stands: bashkit leaves the first, `#!…`, out of its count.

    `read` returns the script of a name. Where the counted line does not hold what failed and the next one does, it is the next.
    """

    def right(found: re.Match[str]) -> str:
        name, number, what = found[1], int(found[2]), found[3]
        lines = read(name).splitlines()[number - 1 : number + 1]
        off = len(lines) == 2 and what not in lines[0] and what in lines[1]
        return f"{name}: line {number + off}: {what}: "

    return _NUMBERED.sub(right, text)


def as_given(err: str, command: str, cwd: str, refused: Mapping[str, int]) -> str:
    """Name files in errors as the command did, and say why bash was refused what bashkit takes for missing."""
    if cwd not in command:
        err = re.sub(rf"^(?!bash)(\w+: ){re.escape(cwd.rstrip('/'))}/(?=\S+: )", r"\1", err, flags=re.M)

    def why(found: re.Match[str]) -> str:
        number = refused.get(posixpath.normpath(posixpath.join(cwd, found[2].strip("'"))))
        if number == errno.EISDIR and found[1].startswith("bash"):
            return f"{found[1]}.: {found[2]}: is a directory"
        return f"{found[1]}{found[2]}: Permission denied" if number == errno.EACCES else found[0]

    return _MISSING.sub(why, err)
