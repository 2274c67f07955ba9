"""Programs that run the rest of their words: `sudo`, `env A=b`, `timeout 5` and the like."""

from collections.abc import Sequence

from offswitch.verdicts.shell.call import base

# name: (options that take a value, how many words stand before the command)
_WRAPPERS: dict[str, tuple[tuple[str, ...], int]] = {
    "builtin": ((), 0), "env": (("-u", "-C", "-S", "--unset", "--chdir"), 0), "nohup": ((), 0),
    "exec": (("-a",), 0), "time": (("-f", "-o"), 0), "nice": (("-n",), 0), "doas": (("-u",), 0), "pkexec": (("--user",), 0), "command": ((), 0),
    "sudo": (("-u", "-g", "-h", "-p", "-C", "-D", "--user", "--group"), 0), "timeout": (("-k", "-s", "--signal", "--kill-after"), 1),
    "stdbuf": (("-i", "-o", "-e"), 0), "setsid": ((), 0), "ionice": (("-c", "-n", "-p"), 0), "busybox": ((), 0),
    "toybox": ((), 0), "flock": (("-w", "-E"), 1), "strace": (("-e", "-o", "-p", "-s"), 0), "chrt": ((), 1), "taskset": ((), 1),
    "unbuffer": ((), 0), "fakeroot": ((), 0), "watch": (("-n", "--interval"), 0), "coproc": ((), 0), "caffeinate": ((), 0),
}  # fmt: skip
_ASKS = {"command": ("-v", "-V"), "sudo": ("-l", "-v"), "busybox": ("--list",)}


def unwrapped(words: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the command that is run in the end, and the variables that `env` sets for it."""
    names: dict[str, str] = {}
    words = tuple(words)
    while words and base(words[0]) in _WRAPPERS:
        name = base(words[0])
        if words[1:2] and words[1] in _ASKS.get(name, ()):
            break
        inner = _inner(name, list(words[1:]), names)
        if not inner:
            break
        words = tuple(inner)
    return words, names


def _inner(name: str, rest: list[str], names: dict[str, str]) -> list[str]:
    with_value, skipped = _WRAPPERS[name]
    while rest:
        if rest[0] == "--":
            rest = rest[1:]
            break
        if rest[0].startswith("-") and len(rest[0]) > 1:
            rest = rest[2:] if rest[0] in with_value else rest[1:]
        elif name in ("env", "sudo") and "=" in rest[0]:
            key, _, value = rest.pop(0).partition("=")
            names[key] = value
        else:
            break
    return rest[skipped:]
