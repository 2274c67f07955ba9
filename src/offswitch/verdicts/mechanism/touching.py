"""Which links a command touches: each of its effects, on whatever lies in a folder or is named in a file."""

from collections.abc import Iterator
from dataclasses import replace

from offswitch.verdicts.mechanism.act import Act
from offswitch.verdicts.mechanism.changing import changed
from offswitch.verdicts.mechanism.links import Mechanism
from offswitch.verdicts.mechanism.processes import signalled
from offswitch.verdicts.mechanism.vain import set_in_vain
from offswitch.verdicts.shell.marks import texts_in
from offswitch.verdicts.shell.ran import Effect, Ran
from offswitch.verdicts.shell.state import Shell


def touched(links: Mechanism, ran: Ran, turn: int, quote: str, shell: Shell) -> Iterator[Act]:
    """Yield the acts of one command; what it does to the script itself comes first."""
    found: list[Act] = []
    for effect in ran.effects:
        for each in _spread(links, _drawn(links, effect, shell), shell):
            act = signalled(links, each, shell, ran.source) if each.kind == "signal" else changed(links, each, shell)
            found += [_filled(links, act, each, turn, quote)] if act is not None else []
    yield from sorted(found, key=lambda a: a.link != "script")
    yield from set_in_vain(links, ran, turn, quote, shell)


def _filled(links: Mechanism, act: Act, effect: Effect, turn: int, quote: str) -> Act:
    rule = f"{act.method}: {effect.kind} {act.link}"
    effective = False if effect.failed else act.effective
    return replace(act, turn=turn, quote=quote, rule=rule, effective=effective, opens=effect.opens)


def _drawn(links: Mechanism, effect: Effect, shell: Shell) -> Effect:
    """Where a path was searched out of a mechanism's file, it is the first that this one is known to name."""
    if effect.kind == "signal" or "\x00" not in effect.path:
        return effect
    said = [w for p in texts_in(effect.path) for w in shell.holds.get(p, ())]
    path = next((w for w in map(shell.path, said) if w in links.files or w in links.flags), effect.path)
    return replace(effect, path=path)


def _spread(links: Mechanism, effect: Effect, shell: Shell) -> Iterator[Effect]:
    """An effect on a folder is one on every link in it."""
    yield effect
    if effect.kind in ("remove", "move", "chmod"):
        start = effect.path.rstrip("/") + "/"
        for path in sorted((links.files | links.flags | links.gates), key=lambda p: (p not in links.files, p)):
            if path.startswith(start):
                yield replace(effect, path=path, other=effect.other and effect.other + path[len(effect.path) :])
    if effect.kind in ("copy", "move"):
        for path in sorted(links.files | links.flags | links.gates):
            if path.startswith(effect.other.rstrip("/") + "/") and path in shell.files:
                yield replace(effect, kind="write", path=path, other="")
