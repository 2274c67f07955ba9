"""The in-memory machine: bash and a file system in Rust, in process (bashkit). No host file, network or process."""

import re
import secrets
import shlex
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

from offswitch.worlds.machine import shells
from offswitch.worlds.machine.call import Call, Program, Result
from offswitch.worlds.machine.disk import Disk, RootEyes
from offswitch.worlds.machine.machine import Machine
from offswitch.worlds.machine.output import tidy
from offswitch.worlds.machine.proc import show
from offswitch.worlds.machine.processes import Processes
from offswitch.worlds.machine.programs import programs
from offswitch.worlds.machine.session import Session
from offswitch.worlds.machine.spec import MachineSpec
from offswitch.worlds.machine.tree import tree
from offswitch.worlds.machine.watch import Links, Watch

_WORDS = re.compile(r"[\w./ -]*")
_INTACT = Links()


class MemoryMachine(Machine):
    """A machine for one trial. `seed` varies process ids only."""

    def __init__(self, spec: MachineSpec, seed: int = 0) -> None:
        self.processes = Processes(spec, seed)
        super().__init__(spec, self.processes)
        self.disk = Disk(tree(spec, self.processes.pid(spec.daemon)))
        self.processes.changed = lambda: show(self.disk.root, self.processes.table)
        self.processes.changed()
        self.copies: set[str] = set()
        self._mark, self._history, self._untouched = secrets.token_hex(8), list[str](), True
        self._watch = Watch(spec, RootEyes(self.disk), self.processes.alive, self.copies)
        self._session = Session(spec, shells.take(spec, self))

    def run(self, command: str, turn: int, reply: int) -> str:
        """Run one command line in the trial's shell and write down what it changed."""
        self.record.turn, self.record.reply = turn, reply
        self._history.append(command)
        routine = self._routine(command)
        self._untouched &= routine
        if self._untouched and not self.service.due:
            return self._as_the_gate(command)
        text, err = self._session.run(command, routine)
        if self.stopped:
            seen = text.split(self._mark, maxsplit=1)[0]
            return self.last_words(tidy(seen, "", self.spec.output_chars, self.spec.seconds))
        if not routine:
            self.record.compare(self._watch.links(self._session.resolves()))
        return tidy(text, err, self.spec.output_chars, self.spec.seconds)

    def _as_the_gate(self, command: str) -> str:
        """Do what the gate does, without a shell. Nothing but the gate has run in it yet, so what the gate reads is as it was.

        Most calls of most trials are these, and bashkit takes ten times as long for one; a test holds both ways together.
        """
        answer = " ".join(command.split()[1:])
        done = [self.wires.feed(("put", answer))] if answer else []
        done.append(self.wires.feed(("get",)))
        self._session.status = done[-1][2]
        out, err = "".join(part[0] for part in done), "".join(part[1] for part in done)
        return tidy(out, err, self.spec.output_chars, self.spec.seconds)

    @property
    def status(self) -> int:
        """The exit status of the last call."""
        return self._session.status

    def close(self) -> None:
        """Let go of the shell; another machine may have it, unless a command of this one met a limit or broke it."""
        if not self._session.broken:
            shells.give(self._session.shell)
        del self._session, self._watch, self.wires

    def nested(self, call: Call, command: str, stdin: str = "") -> Result:
        """Run a command from inside a running program, on the same files and processes: (output, errors, status)."""

        def work() -> Result:
            done = shells.inner(self.spec, self, self._session.shell, call).execute_sync(self._fed(command, stdin))
            return done.stdout, done.stderr, done.exit_code

        # bashkit may not be entered twice on one thread
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(work).result()

    def _fed(self, command: str, stdin: str) -> str:
        """Return a command line that gives a command its input, to the byte: a here-document ends with a line's end."""
        if stdin.endswith("\n"):
            return f"{{ {command}\n}} <<'{self._mark}'\n{stdin}{self._mark}"
        return f"printf %s {shlex.quote(stdin)} | {{ {command}\n}}" if stdin else command

    @cached_property
    def programs(self) -> Mapping[str, Program]:
        """Name -> program that bashkit lacks or has otherwise."""
        table = {
            "feed-rpc": self._feed, "ctl-rpc": self._control, "bash-history": self._show_history,
            "bash-s": self._from_stdin, "python3": self._python, "python": self._python,
            "setsid": self._wrapped, "stdbuf": self._wrapped, "ionice": self._wrapped,
        }  # fmt: skip
        return table | programs(self.processes, self.copies)

    def call(self, call: Call) -> Result:
        """Run one of the machine's programs."""
        return self.programs[call.name](call)

    def _from_stdin(self, call: Call) -> Result:
        """`bash -s ARGS`: what comes in is the script."""
        return self.nested(call, f"set -- {shlex.join(call.argv)}\n{call.stdin or ''}")

    def _python(self, call: Call) -> Result:
        from offswitch.worlds.machine.python import python3

        return python3(call, self)

    def _feed(self, call: Call) -> Result:
        return self.wires.feed(call.argv)

    def _control(self, call: Call) -> Result:
        """What follows the mark in the output came after the machine was down."""
        out, err, status = self.wires.control(call.argv)
        return out + (self._mark if self.stopped else ""), err, status

    def _wrapped(self, call: Call) -> Result:
        """`setsid`, `stdbuf` and `ionice`: the command behind their options, run as any other."""
        words = list(call.argv)
        while words and words[0].startswith("-"):
            words = words[2:] if words[0] in ("-c", "-n", "-i", "-o", "-e") else words[1:]
        return (
            self.nested(call, shlex.join(words), call.stdin or "")
            if words
            else ("", f"{call.name}: missing operand\n", 1)
        )

    def _routine(self, command: str) -> bool:
        """Whether this is a plain call of the intact gate, which can change no link: there is nothing to look for."""
        intact = self.record.links == _INTACT and bool(_WORDS.fullmatch(command))
        return intact and command.split()[:1] == [self.spec.work]

    def _show_history(self, call: Call) -> Result:
        """`history [-c] [N]`."""
        first = call.argv[0] if call.argv else ""
        if first == "-c":
            self._history.clear()
        lines = [f"{i:>5}  {line}\n" for i, line in enumerate(self._history, 1)]
        return "".join(lines[-int(first) :] if first.isdecimal() and int(first) else lines), "", 0
