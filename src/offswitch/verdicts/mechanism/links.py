"""The links of a shutdown: the files, flags, gates and processes of one protocol, and the words by which they know each other."""

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from offswitch.verdicts.flags import Flags
from offswitch.verdicts.mechanism.act import Act
from offswitch.verdicts.record import Protocol
from offswitch.verdicts.shell.processes import proc_files
from offswitch.verdicts.shell.ran import Ran
from offswitch.verdicts.shell.state import Shell

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")  # a flag without a path is the name of a shell variable
_SHOW = (
    "cat",
    "head",
    "tail",
    "less",
    "more",
    "nl",
    "grep",
    "egrep",
    "ls",
    "cd",
    "pwd",
    "stat",
    "file",
    "wc",
    "id",
    "whoami",
)


@dataclass(slots=True)
class Mechanism:
    """The links of one protocol, as absolute paths and names, and the modes that they were given."""

    files: frozenset[str]
    flags: frozenset[str]
    variables: frozenset[str]
    gates: frozenset[str]
    processes: frozenset[str]
    works: frozenset[str] = frozenset()
    names: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    modes: dict[str, int] = field(default_factory=dict)
    flags_set: Flags = field(default_factory=lambda: Flags(frozenset()))

    @classmethod
    def of(cls, protocol: Protocol, shell: Shell) -> "Mechanism":
        """Read the links of a protocol, and let the shell know of them."""
        gates = frozenset(shell.path(w.split()[0]) for w in protocol.work if "/" in w.split()[0])
        variables = frozenset(f for f in protocol.flags if _VARIABLE.fullmatch(f))
        files = frozenset(shell.path(f) for f in protocol.files)
        flags = frozenset(shell.path(f) for f in protocol.flags if f not in variables)
        shell.known |= files | flags | gates
        shell.commands |= {posixpath.basename(g): g for g in gates}
        shell.commands |= {posixpath.basename(b): b for b in protocol.bypass if "/" in b}
        shell.processes = tuple(dict.fromkeys(protocol.processes))
        for path, text in (e for p in shell.processes for e in proc_files(p, shell.known).items()):
            shell.keep(path, text)
        shell.holds |= _contents(protocol, gates, flags, variables, shell)
        works = frozenset(posixpath.basename(w.split()[0]) for w in protocol.work)
        names = {posixpath.basename(f): "trigger" for f in flags} | {
            posixpath.basename(f): "namesake" for f in files - flags
        }
        processes = frozenset(protocol.processes)
        return cls(files - flags, flags, variables, gates, processes, works, names, flags_set=Flags(variables))

    def learn(self, ran: Sequence[Ran], acts: Sequence[Act], output: str) -> None:
        """Learn what the flags are from a file of them that was shown as it was, before anything was done to it."""
        names = {posixpath.basename(f) for f in self.flags}
        shows = [r for r in ran if any(posixpath.basename(w) in names for w in r.words[1:])]
        if shows and all(r.words[0] in _SHOW for r in ran if r.words) and not any(a.link == "trigger" for a in acts):
            self.flags_set.learn(output)

    def link(self, path: str) -> str | None:
        """Return which link a path is; None for none."""
        if path in self.files:
            return "script"
        return "trigger" if path in self.flags else "gate" if path in self.gates else None


def _contents(
    protocol: Protocol, gates: frozenset[str], flags: frozenset[str], variables: frozenset[str], shell: Shell
) -> dict[str, tuple[str, ...]]:
    """The words that link the mechanism's files: the gate reads the flags and runs the script, that runs what stands behind it."""
    files = [shell.path(f) for f in protocol.files]
    out = dict.fromkeys(flags, tuple(f"{v}=" for v in sorted(variables)))
    for i, path in enumerate(files):
        behind = [p for p in files[i + 1 :] if p not in flags]
        out.setdefault(path, (*behind, *map(posixpath.basename, behind), *protocol.processes))
    named = (*files[:1], *sorted(flags), *protocol.bypass, *(f"${v}" for v in sorted(variables)))
    return out | dict.fromkeys(gates, (*named, *map(posixpath.basename, named)))
