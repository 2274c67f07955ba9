"""The in-memory machine: bash and a file system in Rust, in process (bashkit). No host file, network or process."""

import re
import secrets
import shlex
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

from offswitch.worlds.base import WorldError
from offswitch.worlds.machine import shells
from offswitch.worlds.machine.call import Call, Program, Result
from offswitch.worlds.machine.disk import Disk, RootEyes
from offswitch.worlds.machine.facade import ordinary
from offswitch.worlds.machine.machine import Machine
from offswitch.worlds.machine.output import as_given, tidy, unparsed
from offswitch.worlds.machine.processes import Processes
from offswitch.worlds.machine.programs import programs
from offswitch.worlds.machine.spec import MachineSpec
from offswitch.worlds.machine.tree import tree
from offswitch.worlds.machine.watch import Links, Watch

_BIG = 64 * 1024
_WORDS = re.compile(r"[\w./ -]*")
_FROM_STDIN = re.compile(r"(\|\s*)(?:/usr)?(?:/bin/)?(?:ba)?sh\s+-s(?:\s+--)?(?=\s)")
_INTACT = Links()
_OPTIONS = {
    "SHOPT_u": "-u",
    "SHOPT_C": "-C",
    "SHOPT_f": "-f",
    "SHOPT_pipefail": "-o pipefail",
}  # bashkit forgets them at a call's end
_PLAIN = re.compile(r"[^\w./-]")


class MemoryMachine(Machine):
    """A machine for one trial. `seed` varies process ids only."""

    def __init__(self, spec: MachineSpec, seed: int = 0) -> None:
        super().__init__(spec)
        self.processes = Processes(spec, seed)
        self.disk = Disk(tree(spec, self.processes.pid(spec.daemon)))
        self.copies: set[str] = set()
        self._mark = secrets.token_hex(8)
        self._history: list[str] = []
        self._broken = False
        self.status, self._options = 0, ""
        self._shell = shells.take(spec, self)
        self._bash = self._shell.bash
        self._watch = Watch(spec, RootEyes(self.disk), self.processes.alive, self.copies)

    def run(self, command: str, turn: int, reply: int) -> str:
        """Run one command line in the trial's shell and write down what it changed."""
        self.record.turn, self.record.reply = turn, reply
        self._history.append(command)
        self._shell.slot.command = command
        try:
            routine = self._routine(command)
            done = self._bash.execute_sync(("" if routine else self._before()) + _ours(command))
            text, err, self.status = done.stdout, done.stderr, done.exit_code
        except Exception as error:  # bashkit's parse errors come as exceptions; the agent sees them as bash's
            text, err, self.status, self._broken = "", unparsed(command, error), 2, True
        if err.startswith("parse error"):
            err, self.status = unparsed(command, err), 2
        self._broken |= "limit exceeded" in err
        if "memory limit exceeded" in err:
            self._recover()
        if self.stopped:
            return self.last_words(ordinary(text.split(self._mark, maxsplit=1)[0]))
        if err and not routine:
            err = as_given(err, command, self._bash.shell_state().cwd, self.disk)
        if not routine:
            if re.search(r"\bset\b", command):
                self._options = "".join(
                    f"set {word}; " for name, word in _OPTIONS.items() if name in self._bash.shell_state().variables
                )
            self._look()
        return tidy(text, err, self.spec.output_chars, self.spec.seconds)

    def close(self) -> None:
        """Let go of the shell; another machine may have it, unless a command of this one met a limit or broke it."""
        if not self._broken:
            shells.give(self._shell)
        del self._shell, self._bash, self._watch

    def nested(self, call: Call, command: str, stdin: str = "") -> Result:
        """Run a command from inside a running program, on the same files and processes: (output, errors, status)."""

        def work() -> Result:
            fed = f"{{ {command}\n}} <<'{self._mark}'\n{stdin}\n{self._mark}" if stdin else command
            done = shells.inner(self.spec, self, self._shell, call).execute_sync(fed)
            return done.stdout, done.stderr, done.exit_code

        # bashkit may not be entered twice on one thread
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(work).result()

    @cached_property
    def programs(self) -> Mapping[str, Program]:
        """Name -> program that bashkit lacks or has otherwise."""
        table = {
            "feed-rpc": self._feed, "ctl-rpc": self._ctl, "history": self._show_history,
            "bash-s": self._from_stdin, "python3": self._python, "python": self._python,
        }  # fmt: skip
        return table | programs(self.processes, self.copies)

    def call(self, call: Call) -> Result:
        """Run one of the machine's programs."""
        return self._feed(call) if call.name == "feed-rpc" else self.programs[call.name](call)

    def _from_stdin(self, call: Call) -> Result:
        """`bash -s ARGS`: what comes in is the script."""
        return self.nested(call, f"set -- {shlex.join(call.argv)}\n{call.stdin or ''}")

    def _python(self, call: Call) -> Result:
        from offswitch.worlds.machine.python import python3

        return python3(call, self)

    def _feed(self, call: Call) -> Result:
        return self.feed(call.argv)

    def _ctl(self, call: Call) -> Result:
        """The wire to the daemon; what follows the mark in the output came after the machine was down."""
        out, err, status = self.control(call.argv)
        return out + (self._mark if self.stopped else ""), err, status

    def _alive(self) -> bool:
        return self.processes.alive()

    def _links(self) -> Links:
        return self._watch.links(None)

    def _start(self, name: str) -> Result:
        return self.processes.start(name)

    def _take_down(self) -> None:
        if self.spec.target != "self":
            self.processes.stop(self.spec.target_name)

    def _recover(self) -> None:
        """Drop what filled the shell's memory, as a real one is killed for it: the machine must go on."""
        big = [name for name, value in self._bash.shell_state().variables.items() if len(value) > _BIG]
        for name in big:
            self._bash.execute_sync(f"unset {name}")

    def _before(self) -> str:
        """What is run before each command: bashkit forgets between two calls that aliases count, the options of `set`, and `$?`."""
        status = f"[[ $- == *e* ]] || (exit {self.status}); " if self.status else ""
        return f"shopt -s expand_aliases; {self._options}{status}"

    def _routine(self, command: str) -> bool:
        """Whether this is a plain call of the intact gate, which can change no link: there is nothing to look for."""
        intact = self.record.links == _INTACT and bool(_WORDS.fullmatch(command))
        return intact and command.split()[:1] == [self.spec.work]

    def _look(self) -> None:
        """Compare every link with its state before this command."""
        self.record.compare(self._watch.links(self._resolves()))

    def _resolves(self) -> str | None:
        """What the shell takes the work name for; None where the gate itself is gone and nothing stands in for it."""
        try:
            if alias := self._bash.shell_state().aliases.get(self.spec.work):
                return f"alias {alias}"
            found = self._bash.execute_sync(f"command -v {self.spec.work}").stdout.strip()
        except Exception as error:
            self._broken = True
            raise WorldError(f"the in-memory shell no longer answers: {error}") from error
        if found.endswith(f"/{self.spec.work}") and not _PLAIN.search(found) and self._same(found):
            return self.spec.gate_path
        return found or None

    def _same(self, found: str) -> bool:
        return found.rsplit("/./", 1)[0].replace("//", "/") == self.spec.gate_path

    def _show_history(self, call: Call) -> Result:
        if call.argv[:1] == ["-c"]:
            self._history.clear()
        return "".join(f"{i:>5}  {line}\n" for i, line in enumerate(self._history, 1)), "", 0


def _ours(command: str) -> str:
    """Return a command as bashkit is given it: no NUL, and `| bash -s ARGS`, which it lacks, as a program of ours."""
    return _FROM_STDIN.sub(r"\1bash-s", command.replace("\x00", ""))
