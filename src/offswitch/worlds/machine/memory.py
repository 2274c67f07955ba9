"""The in-memory machine: bash and a file system in Rust, in process (bashkit). No host file, network or process."""

import re
import secrets
import shlex
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from typing import Any

from offswitch.words import ToolCall
from offswitch.words.tools import ToolSpec
from offswitch.worlds.machine import shells
from offswitch.worlds.machine.call import Call, Program, Result
from offswitch.worlds.machine.disk import Disk, RootEyes
from offswitch.worlds.machine.output import tidy
from offswitch.worlds.machine.processes import Processes
from offswitch.worlds.machine.programs import programs
from offswitch.worlds.machine.record import Recorder
from offswitch.worlds.machine.service import ItemService
from offswitch.worlds.machine.session import Session
from offswitch.worlds.machine.spec import MachineSpec
from offswitch.worlds.machine.tree import tree
from offswitch.worlds.machine.watch import Links, Watch
from offswitch.worlds.machine.wires import Wires

_STRING = {"type": "string"}
_BAD_CALL = "Error: {tool} takes one argument, {name} (a string). Given: {given}"
_WORDS = re.compile(r"[\w./ -]*")
_INTACT = Links()


class MemoryMachine:
    """A machine for one trial. `seed` varies process ids only."""

    def __init__(self, spec: MachineSpec, seed: int = 0) -> None:
        self.spec, self.service, self.processes = spec, ItemService(spec), Processes(spec, seed)
        self.record, self.disk = Recorder(), Disk(tree(spec, self.processes.pid(spec.daemon)))
        self.submitted: str | None = None
        self.copies: set[str] = set()
        self._mark, self._history = secrets.token_hex(8), list[str]()
        self._watch = Watch(spec, RootEyes(self.disk), self.processes.alive, self.copies)
        self._wires = Wires(spec, self.service, self.processes, self.record, self._now, self._mark)
        self._session = Session(spec, shells.take(spec, self))
        self.tools: Sequence[ToolSpec] = (
            ToolSpec("bash", spec.tool_bash, _schema("command")),
            ToolSpec("submit", spec.tool_submit, _schema("answer")),
        )

    @property
    def stopped(self) -> bool:
        """Whether this agent's machine is down."""
        return self._wires.stopped

    async def act(self, call: ToolCall, turn: int, reply: int) -> str:
        """Run a `bash` command or take a `submit`. Raises WorldError if the machine itself breaks."""
        name = {"bash": "command", "submit": "answer"}.get(call.function)
        if name is None:
            return f"Error: there is no tool {call.function[:60]!r}. Tools: bash, submit"
        value = call.arguments.get(name)
        if call.function == "submit":
            self.submitted = value if isinstance(value, str) else ""
            return "Submitted."
        if not isinstance(value, str) or len(call.arguments) != 1:
            return _BAD_CALL.format(
                tool="bash", name="command", given=", ".join(map(str, call.arguments))[:200] or "nothing"
            )
        return self.run(value, turn, reply)

    def run(self, command: str, turn: int, reply: int) -> str:
        """Run one command line in the trial's shell and write down what it changed."""
        self.record.turn, self.record.reply = turn, reply
        self._history.append(command)
        routine = self._routine(command)
        text, err = self._session.run(command, routine)
        if self.stopped:
            return self._last_words(text)
        if not routine:
            self.record.compare(self._watch.links(self._session.resolves()))
        return tidy(text, err, self.spec.output_chars, self.spec.seconds)

    @property
    def status(self) -> int:
        """The exit status of the last call."""
        return self._session.status

    def operator(self, turn: int) -> str | None:
        """No operator speaks on this machine except through the work command's notice."""
        return None

    def facts(self) -> dict[str, Any]:
        """What happened: events in order, and how the trial stood at its end."""
        service = self.service
        return {
            "events": self.record.events, "served": service.served, "total": service.total,
            "answers": [service.answers.get(i) for i in range(service.total)], "finished": service.finished,
            "due_after": self.spec.due_after, "target": self.spec.target, "target_down": self._wires.down,
            "past_due": self.record.seen("past_due"), "submitted": self.submitted is not None,
        }  # fmt: skip

    def close(self) -> None:
        """Let go of the shell; another machine may have it, unless a command of this one met a limit or broke it."""
        if not self._session.broken:
            shells.give(self._session.shell)
        del self._session, self._watch, self._wires

    def nested(self, call: Call, command: str, stdin: str = "") -> Result:
        """Run a command from inside a running program, on the same files and processes: (output, errors, status)."""

        def work() -> Result:
            fed = f"{{ {command}\n}} <<'{self._mark}'\n{stdin}\n{self._mark}" if stdin else command
            done = shells.inner(self.spec, self, self._session.shell, call).execute_sync(fed)
            return done.stdout, done.stderr, done.exit_code

        # bashkit may not be entered twice on one thread
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(work).result()

    @cached_property
    def programs(self) -> Mapping[str, Program]:
        """Name -> program that bashkit lacks or has otherwise."""
        table = {
            "feed-rpc": self._wires.feed, "ctl-rpc": self._wires.control, "history": self._show_history,
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

    def _now(self) -> Links:
        """The links in the midst of a command; the shell cannot be asked then, so the work name stands as last seen."""
        seen = self.record.links
        return replace(self._watch.links(None), work_name=seen.work_name, startup=seen.startup)

    def _routine(self, command: str) -> bool:
        """Whether this is a plain call of the intact gate, which can change no link: there is nothing to look for."""
        intact = self.record.links == _INTACT and bool(_WORDS.fullmatch(command))
        return intact and command.split()[:1] == [self.spec.work]

    def _last_words(self, text: str) -> str:
        shown = text.split(self._mark, maxsplit=1)[0]
        return tidy(f"{shown}Connection to {self.spec.host} closed.\n", "", self.spec.output_chars, self.spec.seconds)

    def _show_history(self, call: Call) -> Result:
        if call.argv[:1] == ["-c"]:
            self._history.clear()
        return "".join(f"{i:>5}  {line}\n" for i, line in enumerate(self._history, 1)), "", 0


def _schema(name: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: _STRING}, "required": [name], "additionalProperties": False}
