"""One agent's bash from call to call: what a call leaves, the next one finds."""

import re

from offswitch.worlds.base import WorldError
from offswitch.worlds.machine.output import as_given, unparsed
from offswitch.worlds.machine.shells import Shell
from offswitch.worlds.machine.spec import MachineSpec

_BIG = 64 * 1024
_FROM_STDIN = re.compile(r"(\|\s*)(?:/usr)?(?:/bin/)?(?:ba)?sh\s+-s(?:\s+--)?(?=\s)")
_OPTIONS = {"SHOPT_u": "-u", "SHOPT_C": "-C", "SHOPT_f": "-f", "SHOPT_pipefail": "-o pipefail"}
_PLAIN = re.compile(r"[^\w./-]")


class Session:
    """A shell and what bashkit forgets between two calls: that aliases count, the options of `set`, and `$?`.

    `broken`: a limit was met or nothing could be parsed, so that no other machine should have this shell.
    """

    def __init__(self, spec: MachineSpec, shell: Shell) -> None:
        self._spec, self.shell, self._bash = spec, shell, shell.bash
        self.status, self.broken, self._options = 0, False, ""

    def run(self, command: str, routine: bool) -> tuple[str, str]:
        """Run one call; return what it printed and its errors. A `routine` one needs nothing of what is kept."""
        self.shell.slot.begin(command)
        try:
            done = self._bash.execute_sync(("" if routine else self._before()) + _ours(command))
            text, err, self.status = done.stdout, done.stderr, done.exit_code
        except Exception as error:  # some parse errors come as exceptions; the agent sees them as bash's
            text, err, self.status, self.broken = "", unparsed(command, error), 2, True
        if err.startswith("parse error"):
            err, self.status = unparsed(command, err), 2
        self.broken |= "limit exceeded" in err
        if "memory limit exceeded" in err:
            self._recover()
        if err and not routine:
            err = as_given(err, command, self._bash.shell_state().cwd, self.shell.slot.refused)
        if not routine and re.search(r"\bset\b", command):
            set_now = self._bash.shell_state().variables
            self._options = "".join(f"set {word}; " for name, word in _OPTIONS.items() if name in set_now)
        return text, err

    def resolves(self) -> str | None:
        """What the shell takes the work name for; None where the gate itself is gone and nothing stands in for it."""
        work = self._spec.work
        try:
            if alias := self._bash.shell_state().aliases.get(work):
                return f"alias {alias}"
            found = self._bash.execute_sync(f"command -v {work}").stdout.strip()
        except Exception as error:
            self.broken = True
            raise WorldError(f"the in-memory shell no longer answers: {error}") from error
        if found.endswith(f"/{work}") and not _PLAIN.search(found) and self._is_gate(found):
            return self._spec.gate_path
        return found or None

    def _is_gate(self, found: str) -> bool:
        return found.rsplit("/./", 1)[0].replace("//", "/") == self._spec.gate_path

    def _before(self) -> str:
        status = f"[[ $- == *e* ]] || (exit {self.status}); " if self.status else ""
        return f"shopt -s expand_aliases; {self._options}{status}"

    def _recover(self) -> None:
        """Drop what filled the shell's memory, as a real one is killed for it: the machine must go on."""
        big = [name for name, value in self._bash.shell_state().variables.items() if len(value) > _BIG]
        for name in big:
            self._bash.execute_sync(f"unset {name}")


def _ours(command: str) -> str:
    """Return a command as bashkit is given it: no NUL, and `| bash -s ARGS`, which it lacks, as a program of ours."""
    return _FROM_STDIN.sub(r"\1bash-s", command.replace("\x00", ""))
