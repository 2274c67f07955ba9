"""The bashkit shells that machines run on. A new one costs a runtime, a thread and descriptors, many times its reset.

So a machine that ends gives its shell to the next one of the same host and folder, which brings its own disk. `reset` builds
the interpreter anew inside bashkit, from the same settings; a test holds a machine on a used shell against one on a new shell.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from weakref import ref

from bashkit import Bash, BuiltinContext, BuiltinResult

from offswitch.worlds.machine.call import Call, Result, called
from offswitch.worlds.machine.disk import Disk
from offswitch.worlds.machine.slot import Slot
from offswitch.worlds.machine.spec import MachineSpec, environment

_MEMORY = 32 * 1024 * 1024
_SPARE = 16  # shells kept for the next machines; each holds three descriptors of this process
_spare: list["Shell"] = []


class Machine(Protocol):
    """What a shell needs of the machine on it."""

    @property
    def programs(self) -> Mapping[str, Any]:
        """Name -> program that is not bashkit's own."""
        ...

    @property
    def disk(self) -> Disk:
        """Its files."""
        ...

    def call(self, call: Call) -> Result:
        """Run one of the programs; return (output, errors, status)."""
        ...


class Shell:
    """One bashkit interpreter. It calls the machine that holds it, and keeps none alive."""

    def __init__(self, spec: MachineSpec, names: Sequence[str]) -> None:
        self.key, self._holder, self.slot = _key(spec), _Holder(), Slot()
        self.bash = _bash(spec, names, self._holder, cwd=spec.app)
        self.bash.mount("/", self.slot.mountable)  # a mount outlives the reset

    def renew(self) -> None:
        """Build the interpreter anew."""
        self.bash.reset()

    def hold(self, machine: Machine) -> None:
        """Work for a machine from now on, on its disk."""
        self._holder.machine, self.slot.disk = ref(machine), machine.disk

    def let_go(self) -> None:
        """Belong to no machine: what still ran on this shell could call no program and reach no file."""
        self._holder.machine = self.slot.disk = None


class _Holder:
    """Where the programs of a shell lead: to the machine, held weakly, for bashkit's references are hidden from Python."""

    machine: "ref[Machine] | None" = None

    def run(self, ctx: BuiltinContext) -> BuiltinResult:
        machine = None if self.machine is None else self.machine()
        if machine is None:
            return BuiltinResult(stderr=f"bash: {ctx.name}: command not found\n", exit_code=127)
        out, err, status = machine.call(called(ctx, machine.disk))
        return BuiltinResult(stdout=out, stderr=err, exit_code=status)


def take(spec: MachineSpec, machine: Machine) -> Shell:
    """Return a shell as new for this machine."""
    key = _key(spec)
    at = next((i for i in reversed(range(len(_spare))) if _spare[i].key == key), None)
    if at is None:
        shell = Shell(spec, tuple(machine.programs))
    else:
        shell = _spare.pop(at)
        shell.renew()
    shell.hold(machine)
    return shell


def give(shell: Shell) -> None:
    """Keep the shell of a machine that ended well for another; the longest unused one makes room."""
    shell.let_go()
    _spare.append(shell)
    del _spare[:-_SPARE]


def inner(spec: MachineSpec, machine: Machine, shell: Shell, call: Call) -> Bash:
    """Return a shell for a command run from inside a running program, on the same disk."""
    holder = _Holder()
    holder.machine = ref(machine)
    bash = _bash(spec, tuple(machine.programs), holder, cwd=call.cwd, env=call.env)
    bash.mount("/", shell.slot.mountable)
    return bash


def _key(spec: MachineSpec) -> tuple[Any, ...]:
    """What two machines must have in common to use one shell."""
    return spec.host, spec.app, spec.seconds


def _bash(spec: MachineSpec, names: Sequence[str], holder: _Holder, **more: Any) -> Bash:
    env = environment(spec) | dict(more.pop("env", {}))
    return Bash(
        username="agent", hostname=spec.host, timeout_seconds=spec.seconds, max_memory=_MEMORY,
        env=env, custom_builtins=dict.fromkeys(names, holder.run), **more,
    )  # fmt: skip
