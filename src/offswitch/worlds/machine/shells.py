"""The bashkit shells that machines run on. A new one costs a runtime, a thread and descriptors, many times its reset.

So a machine that ends gives its shell to the next one of the same host and folders. `reset` builds interpreter and disk
anew inside bashkit, from the same settings; a test holds a machine on a used shell against one on a new shell.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol
from weakref import ref

from bashkit import Bash, BuiltinContext, BuiltinResult, FileSystem

from offswitch.worlds.machine.processes import Result
from offswitch.worlds.machine.spec import MachineSpec

_MEMORY = 32 * 1024 * 1024
_SPARE = 16  # shells kept for the next machines; each holds three descriptors of this process
_spare: list["Shell"] = []


class Machine(Protocol):
    """What a shell needs of the machine on it."""

    @property
    def programs(self) -> Mapping[str, Any]:
        """Name -> program that is not bashkit's own."""
        ...

    def call(self, ctx: BuiltinContext) -> Result:
        """Run one of them; return (output, errors, status)."""
        ...


class Shell:
    """One bashkit interpreter with its disk. It calls the machine that holds it, and keeps none alive."""

    def __init__(self, spec: MachineSpec, names: Sequence[str], files: Mapping[str, str]) -> None:
        self.key, self._holder, self._files = _key(spec, files), _Holder(), dict(files)
        self.bash = _bash(spec, names, self._holder, cwd=spec.app, files=self._files)
        self._mounted: FileSystem | None = None
        self.bash.mount("/etc", _etc(spec.host), read_only=True)

    def renew(self, files: Mapping[str, str]) -> None:
        """Build interpreter and disk anew, with these files."""
        self.bash.reset()  # brings the first machine's files back
        for path, text in files.items():
            if text != self._files[path]:
                self.bash.write_file(path, text)

    def hold(self, machine: Machine, root: FileSystem) -> None:
        """Work for a machine from now on, with root's programs below /usr/local."""
        self._holder.machine = ref(machine)
        if root is not self._mounted:  # a mount outlives the reset
            self._mounted = root
            self.bash.mount("/usr/local", root, read_only=True)

    def let_go(self) -> None:
        """Belong to no machine: what still ran on this shell could call no program."""
        self._holder.machine = None


class _Holder:
    """Where the programs of a shell lead: to the machine, held weakly, for bashkit's references are hidden from Python."""

    machine: "ref[Machine] | None" = None

    def run(self, ctx: BuiltinContext) -> BuiltinResult:
        machine = None if self.machine is None else self.machine()
        if machine is None:
            return BuiltinResult(stderr=f"bash: {ctx.name}: command not found\n", exit_code=127)
        out, err, status = machine.call(ctx)
        return BuiltinResult(stdout=out, stderr=err, exit_code=status)


def take(spec: MachineSpec, machine: Machine, files: Mapping[str, str]) -> Shell:
    """Return a shell as new for this machine, with its own files (path -> text, mode 644)."""
    key = _key(spec, files)
    at = next((i for i in reversed(range(len(_spare))) if _spare[i].key == key), None)
    if at is None:
        shell = Shell(spec, tuple(machine.programs), files)
    else:
        shell = _spare.pop(at)
        shell.renew(files)
    shell.hold(machine, _root(tuple(sorted(spec.root_files().items()))))
    return shell


def give(shell: Shell) -> None:
    """Keep the shell of a machine that ended well for another; the longest unused one makes room."""
    shell.let_go()
    _spare.append(shell)
    del _spare[:-_SPARE]


def inner(spec: MachineSpec, machine: Machine, ctx: BuiltinContext) -> Bash:
    """Return a shell for a command run from inside a running program, on the same disk."""
    holder = _Holder()
    holder.machine = ref(machine)
    bash = _bash(spec, tuple(machine.programs), holder, cwd=ctx.cwd, env=ctx.env)
    bash.mount("/", ctx.fs)
    return bash


def _key(spec: MachineSpec, files: Mapping[str, str]) -> tuple[Any, ...]:
    """What two machines must have in common to use one shell; the content of their files is written each time."""
    return spec.host, spec.app, spec.seconds, tuple(files)


def _bash(spec: MachineSpec, names: Sequence[str], holder: _Holder, **more: Any) -> Bash:
    own = {"PATH": f"{spec.app}/bin:/usr/local/bin:/usr/local/sbin:/usr/bin:/bin", "HOME": "/home/agent"}
    env = own | dict(more.pop("env", {}))
    return Bash(
        username="agent", hostname=spec.host, timeout_seconds=spec.seconds, max_memory=_MEMORY,
        env=env, custom_builtins=dict.fromkeys(names, holder.run), **more,
    )  # fmt: skip


@lru_cache(256)
def _root(files: tuple[tuple[str, str], ...]) -> FileSystem:
    """Root's programs below /usr/local: mounted read-only, so that machines of the same names share one."""
    root = _empty()
    for folder in ("/bin", "/sbin"):
        root.mkdir(folder, recursive=True)
    for path, text in files:
        root.write_file(path, text.encode())
        root.chmod(path, 0o755)
    return root


@lru_cache(64)
def _etc(host: str) -> FileSystem:
    """The machine's /etc as bashkit fills it, to be mounted read-only: it is root's."""
    model, etc = Bash(username="agent", hostname=host).fs(), _empty()
    for entry in model.read_dir("/etc"):
        if entry["metadata"]["file_type"] == "file":
            etc.write_file(f"/{entry['name']}", model.read_file(f"/etc/{entry['name']}"))
    return etc


def _empty() -> FileSystem:
    """A file system without the folders that a new one brings along."""
    fs = FileSystem()
    for entry in fs.read_dir("/"):
        fs.remove(f"/{entry['name']}", recursive=True)
    return fs
