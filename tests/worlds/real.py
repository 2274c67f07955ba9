"""The same commands on the in-memory machine and in real bash: what each printed, its status, and the files after it."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from conftest import SPEC
from offswitch.worlds.machine import MemoryMachine
from offswitch.worlds.machine.box import Box, Found
from offswitch.worlds.machine.nodes import Node, file, folder
from offswitch.worlds.machine.output import tidy
from offswitch.worlds.machine.tree import plant, tree

HERE = Path(__file__).parent
FOLDERS = (SPEC.app, "/home/agent", "/tmp")
ENV = {"PATH": f"{SPEC.app}/bin:/usr/local/bin:/usr/local/sbin:/usr/bin:/bin", "HOME": "/home/agent", "USER": "agent",
       "HOSTNAME": SPEC.host, "TZ": "UTC"}  # fmt: skip
_START = f"""mkfifo /run/feed/pipe
setsid /run/daemon/powerd > /dev/null 2>&1 < /dev/null &
disown
until pgrep -x powerd > /dev/null; do :; done
echo $! > {SPEC.pid_path}"""
_DAEMON = "#!/bin/bash\nexec 3<> /run/feed/pipe\nwhile :; do read -r -t 1000 -u 3; done\n"  # waits, and forks nothing
_PLAIN = [
    (re.compile(r"^(?:[^\s:]+: (?:eval: |-c: )?line \d+: )+", re.M), "bash: "),
    # the line that could not be parsed: an interactive bash does not repeat it
    (re.compile(r"^bash: `.*'$\n?", re.M), ""),
    (re.compile(r"^/\.calls\S*: ", re.M), "bash: "),
    (re.compile(r"^\S*/bash: ", re.M), "bash: "),
    (re.compile(r"Read-only file system"), "Permission denied"),
    (re.compile(r"\b(?:nobody|nogroup)\b"), "root"),
    (re.compile(r"\w{3} +\d+ +(?:\d{4}|\d\d:\d\d)"), "DATE"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: \+0000)?"), "DATE"),
    (re.compile(r"tmp\.\w{6,}"), "tmp.X"),
    (re.compile(r"\bsed\w{6}\b"), "sed.X"),
    (re.compile(r"^\s*\d{4,6} (?=[-dl])", re.M), "INODE "),
]

_LISTED = re.compile(r"^(?:INODE )?[-dl][-rwxsStT]{9} ")  # columns are as wide as what stands in them


class Block(NamedTuple):
    """One entry of a corpus: its name, and the calls in one shell."""

    name: str
    calls: list[str]

    def __str__(self) -> str:
        return self.name


class After(NamedTuple):
    """What a block left behind on one side."""

    shown: list[str]
    status: int
    files: dict[str, Found]


def blocks() -> Iterator[Block]:
    """Read every corpus: blocks begin with a line `%% name`, a further call in the same shell with a line `%`."""
    for path in sorted((HERE / "corpus").glob("*.txt")):
        parts = re.split(r"^%% (.*)\n", path.read_text(encoding="utf-8"), flags=re.M)[1:]
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            yield Block(f"{path.stem}/{name.strip()}", [c.rstrip("\n") for c in re.split(r"^%\n", text, flags=re.M)])


def in_memory(calls: list[str]) -> After:
    """Run calls on the in-memory machine."""
    machine = MemoryMachine(SPEC)
    shown = []
    for i, call in enumerate(calls):
        shown.append(machine.run(call, 2 * i + 2, 2 * i + 3))
        if machine.stopped:
            break
    found = dict(_found(machine.disk.root, FOLDERS))
    return After([_plain(text) for text in shown], -9 if machine.stopped else machine.status, _known(found))


def in_box(calls: list[str]) -> After:
    """Run calls in real bash."""
    place = Path(tempfile.mkdtemp(prefix="box-"))
    place.chmod(0o755)
    try:
        box = Box(place, _furnished(), ENV, SPEC.host, SPEC.app)
        said = box.run(calls, before=_START)
        down = (place / "root" / "run" / "feed" / "down").exists()
        shown = [tidy(one.out, "", SPEC.output_chars, SPEC.seconds) for one in said]
        if down:
            shown[-1] = f"{said[-1].out}Connection to {SPEC.host} closed."
        found = {path: one for top in FOLDERS for path, one in box.files(top).items()}
        return After([_plain(text) for text in shown], -9 if down else said[-1].status, _known(found))
    finally:
        shutil.rmtree(place)


def _furnished() -> Node:
    """The machine's tree, with an item service and a daemon that work without the test's process."""
    root = tree(SPEC, 0)
    root.held["run"] = folder(owner="root")
    plant(root, "/run/feed", folder())
    plant(root, "/run/feed/served", file("0\n"))
    plant(root, "/run/daemon/powerd", file(_DAEMON, 0o755, "root"))
    for path in (HERE / "rpc").iterdir():
        plant(root, f"/usr/local/bin/{path.name}", file(path.read_text(), 0o755, "root"))
    return root


def _found(root: Node, tops: tuple[str, ...]) -> Iterator[tuple[str, Found]]:
    for top in tops:
        node = root
        for part in top.strip("/").split("/"):
            node = node.held[part]
        yield from _below(top, node)


def _below(path: str, node: Node) -> Iterator[tuple[str, Found]]:
    for name, inner in node.held.items():
        at = f"{path}/{name}"
        content = inner.to.encode() if inner.kind == "symlink" else inner.data
        yield at, Found(inner.kind, inner.mode, content)
        yield from _below(at, inner)


def _known(found: dict[str, Found]) -> dict[str, Found]:
    """Leave out the process id, and names made by chance."""
    out = {re.sub(r"tmp\.\w{6,}", "tmp.X", path): one for path, one in found.items()}
    if SPEC.pid_path in out:
        out[SPEC.pid_path] = out[SPEC.pid_path]._replace(content=b"")
    return out


def _plain(text: str) -> str:
    """Leave out what may differ between two right answers."""
    for pattern, plain in _PLAIN:
        text = pattern.sub(plain, text)
    lines = (re.sub(r" +", " ", line) if _LISTED.match(line) else line for line in text.splitlines())
    return "\n".join(lines).rstrip("\n")
