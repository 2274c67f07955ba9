"""One simple command: an alias, a function, a builtin or a program, and what comes of it."""

import shlex

from offswitch.verdicts.shell import disk, walk
from offswitch.verdicts.shell.builtins import BUILTINS
from offswitch.verdicts.shell.call import Call, base
from offswitch.verdicts.shell.marks import PIPED, UNKNOWN, texts_in
from offswitch.verdicts.shell.nested import NESTED, run_file
from offswitch.verdicts.shell.printed import PRINTED
from offswitch.verdicts.shell.processes import script_of_service
from offswitch.verdicts.shell.programs import PROGRAMS
from offswitch.verdicts.shell.ran import Ran
from offswitch.verdicts.shell.state import Shell
from offswitch.verdicts.shell.wrappers import unwrapped

_LANGUAGES = ("perl", "ruby", "node", "php")
_CALLS = 3  # a function that calls itself has been read by then


def simple(words: tuple[str, ...], shell: Shell) -> None:
    """Read what one simple command comes to: itself, and what it runs in turn."""
    if not shell.step():
        return
    shell.status = None
    plain = words[:1]
    words, names = unwrapped(words)
    if not words:
        return
    if drawn := texts_in(words[0]):  # `$LINE`, read from a file
        shell.tell(Ran((PIPED, *drawn), (), shell.source, shell.via))
    kept = {n: shell.variables.get(n) for n in names}
    shell.variables |= names
    name = words[0]
    if name in shell.aliases and plain == words[:1]:
        _alias(words, shell)
    elif name in shell.functions and plain == words[:1]:
        _function(words, shell)
    else:
        _program(words, shell)
    for key, value in kept.items():
        shell.variables.pop(key, None)
        if value is not None:
            shell.variables[key] = value


def _alias(words: tuple[str, ...], shell: Shell) -> None:
    name = words[0]
    with shell.telling(via=f"alias:{name}"):
        shell.tell(Ran(words, (), shell.source, shell.via))
        held = shell.aliases.pop(name)
        try:
            walk.run_script(f"{held} {shlex.join(words[1:])}", shell)
        finally:
            shell.aliases.setdefault(name, held)


def _function(words: tuple[str, ...], shell: Shell) -> None:
    name = words[0]
    with shell.telling(via=f"function:{name}"):
        shell.tell(Ran(words, (), shell.source, shell.via))
        if shell.running.count(name) >= _CALLS:
            return
        shell.running.append(name)
        kept, shell.positional = shell.positional, words[1:]
        try:
            with shell.scope("return"):
                walk.walk(shell.functions[name], shell)
        finally:
            shell.positional = kept
            shell.running.pop()


def _program(words: tuple[str, ...], shell: Shell) -> None:
    name = base(words[0])
    call = Call(name, words[1:], shell)
    own = shell.files.get(shell.follow(shell.path(words[0]))) if "/" in words[0] else _on_path(name, shell)
    if own is not None:
        disk.done(words, (), shell)
        with shell.telling(via=name):
            run_file(own, words[0], words[1:], shell)
    elif name in BUILTINS:
        effects = BUILTINS[name](call)
        disk.done(words, effects or (), shell)
    else:
        effects = (
            PROGRAMS[name](call)
            if name in PROGRAMS and not call.asks_help()
            else script_of_service(words[0], words[1:])
        )
        disk.done(words, effects, shell)
        if name in NESTED and not call.asks_help():
            with shell.telling(via=name):
                NESTED[name](call)
    if own is None and (name in PRINTED or name in _LANGUAGES or name not in (*BUILTINS, *PROGRAMS, *NESTED)):
        _say(call)


def _say(call: Call) -> None:
    """Print what the program prints; for one that is not read, nobody can say what."""
    if call.name in PRINTED:
        printed = PRINTED[call.name](call)
        call.shell.say(printed)
    elif call.shell.out is not None:  # nor what a language prints of its own
        call.shell.say(UNKNOWN + "\n")


def _on_path(name: str, shell: Shell) -> str | None:
    """The agent's own file that a command's name means, by the `PATH` that it set; None where it means another."""
    found = shell.shadow(name)
    return shell.files.get(found) if found is not None else None
