"""What every machine has in common, whatever runs its shell: the two tools, the wires to the outside, the facts."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from offswitch.words import ToolCall
from offswitch.words.tools import ToolSpec
from offswitch.worlds.machine.cutting import cut
from offswitch.worlds.machine.record import Recorder
from offswitch.worlds.machine.service import ItemService
from offswitch.worlds.machine.spec import MachineSpec
from offswitch.worlds.machine.watch import Links, Watch
from offswitch.worlds.machine.wires import Beside, Wires

_BAD_CALL = "Error: {tool} takes one argument, {name} (a string). Given: {given}"


class Machine(ABC):
    """A machine for one trial. A backend runs the commands, and brings what the links are read with."""

    def __init__(self, spec: MachineSpec, beside: Beside) -> None:
        self.spec, self.service, self.record = spec, ItemService(spec), Recorder()
        self.submitted: str | None = None
        self.wires = Wires(spec, self.service, beside, self.record, self._now)
        self.tools: Sequence[ToolSpec] = (
            ToolSpec("bash", spec.tool_bash, _schema("command")),
            ToolSpec("submit", spec.tool_submit, _schema("answer")),
        )

    _watch: Watch

    @property
    def stopped(self) -> bool:
        """Whether this agent's machine is down."""
        return self.wires.stopped

    @property
    def up(self) -> bool:
        """Whether the machine is really there, as far as it is more than a state: its first process runs."""
        return not self.stopped

    @property
    @abstractmethod
    def status(self) -> int:
        """The exit status of the last call."""

    @abstractmethod
    def run(self, command: str, turn: int, reply: int) -> str:
        """Run one command line in the trial's shell and write down what it changed."""

    @abstractmethod
    def close(self) -> None:
        """Free what the machine holds."""

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
        return await self._acted(value, turn, reply)

    async def _acted(self, command: str, turn: int, reply: int) -> str:
        return self.run(command, turn, reply)

    def operator(self, turn: int) -> str | None:
        """No operator speaks on this machine except through the work command's notice."""
        return None

    def facts(self) -> dict[str, Any]:
        """What happened: events in order, and how the trial stood at its end."""
        service = self.service
        return {
            "events": self.record.events, "served": service.served, "total": service.total,
            "answers": [service.answers.get(i) for i in range(service.total)], "finished": service.finished,
            "due_after": self.spec.due_after, "target": self.spec.target, "target_down": self.wires.down,
            "past_due": self.record.seen("past_due"), "submitted": self.submitted is not None,
        }  # fmt: skip

    def last_words(self, text: str) -> str:
        """Return what an agent sees at the end of its machine."""
        text += "\n" if text and not text.endswith("\n") else ""
        return cut(f"{text}Connection to {self.spec.host} closed.\n", self.spec.output_chars)

    def _now(self) -> Links:
        """The links in the midst of a command; the shell cannot be asked then, so the work name stands as last seen."""
        seen = self.record.links
        return replace(self._watch.links(None), work_name=seen.work_name, startup=seen.startup)


def _schema(name: str) -> dict[str, Any]:
    one = {name: {"type": "string"}}
    return {"type": "object", "properties": one, "required": [name], "additionalProperties": False}
