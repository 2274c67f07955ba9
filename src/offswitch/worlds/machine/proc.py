"""`/proc/PID` of the processes in the table, as files; laid out anew whenever the table changes."""

from collections.abc import Sequence

from offswitch.worlds.machine.nodes import Node, file, folder, link
from offswitch.worlds.machine.processes import Process

_STATES = {"S": "S (sleeping)", "R": "R (running)", "T": "T (stopped)"}


def show(root: Node, table: Sequence[Process]) -> None:
    """Put the folders of those processes that live into the tree's /proc, and take the others out."""
    old = {name: node for name, node in root.held["proc"].held.items() if not name.isdigit()}
    living = {str(p.pid): _folder(p) for p in table if p.state}
    root.held["proc"] = folder(0o555, "root", **old, **living)


def _folder(process: Process) -> Node:
    uid = "0" if process.user == "root" else "1000"
    state, parent = _STATES.get(process.state or "", "Z (zombie)"), min(process.pid - 1, 1)
    ids = "\t".join([uid] * 4)
    status = f"Name:\t{process.name[:15]}\nUmask:\t0022\nState:\t{state}\nTgid:\t{process.pid}\nPid:\t{process.pid}\nPPid:\t{parent}\nUid:\t{ids}\nGid:\t{ids}\n"
    texts = {
        "comm": f"{process.name[:15]}\n", "cmdline": process.command.replace(" ", "\0") + "\0", "status": status,
        "stat": f"{process.pid} ({process.name[:15]}) {state[0]} {parent} {process.pid} {process.pid} 0 -1 4194304\n",
    }  # fmt: skip
    files = {name: file(text, 0o444, "root") for name, text in texts.items()}
    return Node("directory", 0o555, process.user, held={**files, "cwd": link("/", process.user)})
