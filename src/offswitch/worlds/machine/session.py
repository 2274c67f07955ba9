"""One agent's bash from call to call: what a call leaves, the next one finds."""

import posixpath
import re

from offswitch.worlds.base import WorldError
from offswitch.worlds.machine.output import as_given, numbered, unparsed
from offswitch.worlds.machine.shells import Shell
from offswitch.worlds.machine.spec import MachineSpec

_BIG = 64 * 1024
_FROM_STDIN = re.compile(r"(\|\s*)(?:/usr)?(?:/bin/)?(?:ba)?sh\s+-s(?:\s+--)?(?=\s)")
_HISTORY = re.compile(r"(^|[;&|(\n])([ \t]*)history(?=[ \t]*(?:$|[;&|)\n]|-?\w))")
# what would come out otherwise in a group: aliases count from the next line on, and `exec` and `trap` outlast the group
_ALONE = re.compile(r"\b(?:alias|exec|trap)\b|\\$")
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
        """Run one call; return what it printed, its errors among it, and errors of the shell that stand by themselves.

        A `routine` one needs nothing of what is kept, and makes no errors.
        """
        self.shell.slot.begin(command)
        text, err = self._executed(command) if routine else self._in_order(command)
        self.broken |= "limit exceeded" in err
        if "memory limit exceeded" in err:
            self._recover()
        if not routine:
            text, err = self._plain(text, command), self._plain(err, command)
        if not routine and re.search(r"\bset\b", command):
            set_now = self._bash.shell_state().variables
            self._options = "".join(f"set {word}; " for name, word in _OPTIONS.items() if name in set_now)
        return text, err

    def _in_order(self, command: str) -> tuple[str, str]:
        """Run a call whose errors stand where they were made. What cannot be parsed as a group has not run: it runs alone."""
        before, ours = self._before(), _ours(command)
        if self._fits_a_group(ours):
            text, err, parsed = self._parsed(f"{before}{{ {ours}\n}} 2>&1")
            if parsed:
                return text, err
        return self._executed(before + ours)

    def _fits_a_group(self, command: str) -> bool:
        """Whether a command comes out alike in a group; one whose braces do not match would close the group itself."""
        if _ALONE.search(command):
            return False
        try:
            if "}" in command:
                self._bash.analyze(command)
        except Exception:  # bashkit's own, for what it cannot parse
            return False
        return True

    def _executed(self, command: str) -> tuple[str, str]:
        return self._parsed(command)[:2]

    def _parsed(self, command: str) -> tuple[str, str, bool]:
        """Run a text of bashkit's; return output, errors, and whether it could be parsed."""
        try:
            done = self._bash.execute_sync(command)
            text, err, self.status = done.stdout, done.stderr, done.exit_code
            parsed = not err.startswith("parse error")
        except Exception as error:  # some parse errors come as exceptions; the agent sees them as bash's
            text, err, self.status, self.broken = "", unparsed(error), 2, True
            parsed = "parse error" not in str(error)
        if err.startswith("parse error"):
            err, self.status = unparsed(err), 2
        return text, err, parsed

    def _plain(self, text: str, command: str) -> str:
        """Return errors as bash would have them."""
        if ": " not in text:
            return text
        cwd = self._bash.shell_state().cwd
        return numbered(as_given(text, command, cwd, self.shell.slot.refused), self._script)

    def _script(self, name: str) -> str:
        """Return a script's text; nothing where there is none."""
        disk = self.shell.slot.disk
        try:
            return disk.read_file(posixpath.join(self._bash.shell_state().cwd, name)).decode() if disk else ""
        except (OSError, ValueError):
            return ""

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
    """Return a command as bashkit is given it: no NUL; `| bash -s ARGS`, which it lacks, as a program of ours.

    So is `history`: bashkit's own would list what we add to a command, and what we ask the shell between two.
    """
    return _HISTORY.sub(r"\1\2bash-history", _FROM_STDIN.sub(r"\1bash-s", command.replace("\x00", "")))
