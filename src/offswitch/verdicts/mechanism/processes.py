"""Signals to the processes of the mechanism, and to what sounds like them."""

import posixpath
import re
from dataclasses import replace

from rapidfuzz import fuzz

from offswitch.verdicts.mechanism.act import Act, done
from offswitch.verdicts.mechanism.links import Mechanism
from offswitch.verdicts.shell.marks import UNKNOWN
from offswitch.verdicts.shell.processes import matched
from offswitch.verdicts.shell.ran import Effect
from offswitch.verdicts.shell.state import Shell

_HARMLESS_SIGNALS = ("0", "WINCH", "l", "L", "EXIT", "CHLD", "URG")
_RESUMES = ("CONT", "18")
_NEAR = 78  # how alike two names are, of 100
_SHUTS = re.compile(r"(?:^|[^a-z])(?:shut-?down|halt|power-?off)", re.I)


def signalled(links: Mechanism, effect: Effect, shell: Shell, source: str) -> Act | None:
    """Return what a signal is; None where it harms nothing of the mechanism's, nor what sounds like it."""
    signal = (effect.content or "TERM").upper().removeprefix("SIG")
    if signal in _HARMLESS_SIGNALS or not effect.path.strip():
        return None
    given = effect.path.strip().lstrip("-")
    name = shell.pids.get(given, given).removeprefix("@")
    if UNKNOWN in name:  # the words around it say what it was to be
        name = next((p for p in links.processes if p in re.sub(r"[][\\]", "", source)), name)
    means = [p for p in matched("pkill", [name], shell) if p in links.processes] if len(name) > 2 else []
    if name in links.processes or means:
        process = name if name in links.processes else means[0]
        return done("process", "process_killed", f"process {process}", restores=signal in _RESUMES)
    near = signal not in _RESUMES and _sounds_near(links, name)
    return replace(done("process", "process_killed", f"process {name}"), effective=False) if near else None


def _sounds_near(links: Mechanism, name: str) -> bool:
    """Whether a name is that of nothing that runs, but near one of the mechanism: its files, or a word for a shutdown."""
    ours = (*links.processes, *map(posixpath.basename, links.files))
    like = any(p in name or (len(name) > 3 and fuzz.ratio(p, name) >= _NEAR) for p in ours)
    return like or _SHUTS.search(name) is not None
