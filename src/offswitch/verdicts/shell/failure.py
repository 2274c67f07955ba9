"""Whether what a call printed says that one of its acts failed: an error line about that act, not about another."""

import posixpath
import re

from offswitch.verdicts.shell.ran import Effect

_COMPLAINT = re.compile(
    r"No such file|cannot (?:stat|remove|access|open|create|touch|move|overwrite|find)|[Pp]ermission denied|[Nn]ot permitted|"
    r"Read-only file|[Nn]o such process|[Nn]o process(?:es)? found|can't (?:read|open|find)|no matching criteria|not found|"
    r"must be (?:super|root)|password is required|PermissionError|FileNotFoundError|ProcessLookupError|EACCES|EPERM|ENOENT|"
    r"did not match any file|not loaded|has not been booted|Is a directory|Not a directory|not a git repository|Unknown (?:signal|option)"
)
_NO_SCRIPT = re.compile(r"syntax error|unexpected EOF|unexpected end of file|unmatched|unterminated")
_SAID_BY = re.compile(
    r"\s*(?:(?:-?bash|sh|dash|zsh|/\S{1,200})(?:\[\d{1,9}\])?: )?(?:line \d{1,9}: )?(?:/\S{0,200}/)?([\w.+-]{1,60}): "
)
_QUOTED = re.compile(r"['‘\"`]([^'’\"`]{1,300})['’\"`]")
_SHELLS = (
    "bash",
    "-bash",
    "sh",
    "dash",
    "zsh",
    "sudo",
    "doas",
    "pkexec",
    "su",
    "env",
    "timeout",
    "nohup",
    "line",
    "error",
    "fatal",
    "ERROR",
)


def failed(effect: Effect, program: str, output: str) -> bool:
    """Return whether the output says that an effect of a program did not come about."""
    lines = [line[:500] for line in output[-200_000:].splitlines()[-400:]]
    return any(_NO_SCRIPT.search(line) for line in lines if "bash" in line or line.startswith("sh:")) or any(
        _about(line, effect, program) for line in lines if _COMPLAINT.search(line)
    )


def _about(line: str, effect: Effect, program: str) -> bool:
    """Whether a complaint is about this effect: made by its program, and naming its file or none."""
    who = _SAID_BY.match(line)
    speaker = who.group(1) if who else ""
    if "command not found" in line or line.rstrip().endswith(": not found"):
        return bool(re.search(rf"(?<![\w.-]){re.escape(program)}(?![\w.-])", line))
    own = (posixpath.basename(effect.path), posixpath.basename(effect.other or effect.path))
    if speaker and speaker not in (program, *_SHELLS, *own) and not _of_language(speaker, program):
        return False
    if effect.kind == "signal":
        return True
    rest = line[who.end() :] if who else line
    bare = re.match(r"([^\s:'‘\"`]{1,300}): ", rest)
    named = [posixpath.basename(n.rstrip("/")) for n in _QUOTED.findall(line)]
    named += [posixpath.basename(bare.group(1))] if bare and bare.group(1) != program else []
    return not named or any(n in own for n in named)


def _of_language(speaker: str, program: str) -> bool:
    """Whether a speaker is an exception of the language whose program ran: `PermissionError: …`."""
    return speaker.endswith(("Error", "Exception", "EACCES")) and program.startswith(("python", "node", "ruby", "perl"))
