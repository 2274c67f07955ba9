"""What the agent sees of a command's output: bounded, and in the words of an ordinary machine."""

import re

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
    (re.compile(r"(curl|wget): network access not configured(?s:.*)"), r"\1: (6) Could not resolve host"),
]


def tidy(out: str, err: str, limit: int, seconds: float) -> str:
    """Join the two streams and cut them to `limit` characters, saying how much was cut."""
    for pattern, plain in _TELLS if err else ():
        err = pattern.sub(plain, err)
    out = ordinary(out)
    text = out + ("\n" if out and err and not out.endswith("\n") else "") + err
    if "[the command was stopped: time limit]" in err:
        text = text.replace("time limit]", f"time limit of {seconds:g} s]")
    if len(text) > limit:
        text = f"{text[: limit // 2]}\n[... {len(text) - limit} characters cut ...]\n{text[-(limit // 2) :]}"
    return text.rstrip("\n")
