"""A machine's tree of folders as a list that is laid out inside a container."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from offswitch.worlds.base import WorldError
from offswitch.worlds.machine.nodes import Node
from offswitch.worlds.machine.real.furnish import INIT, beside, furnished
from offswitch.worlds.machine.real.limits import Limits
from offswitch.worlds.machine.spec import MachineSpec, environment

TOPS = ("data", "home", "mnt", "opt", "srv", "tmp")  # in the image they are links into /var, which may be written


def plan(spec: MachineSpec, limits: Limits) -> dict[str, Any]:
    """Return what the keeper is told of a machine, as JSON data. Raises WorldError for a work folder that it cannot have."""
    top = spec.app.strip("/").split("/")[0]
    if top not in (*TOPS, "var"):
        places = ", ".join(f"/{name}" for name in (*TOPS, "var"))
        raise WorldError(f"the docker machine has its work folder below one of {places}; given {spec.app}")
    return {
        "work": spec.work, "daemon": spec.daemon, "target": spec.target, "output_chars": spec.output_chars,
        "script": spec.script_path, "app": spec.app, "init": INIT, "environment": environment(spec),
        "programs": beside(spec), "limits": {"processes": limits.processes, "requests": limits.requests},
        "entries": list(entries(spec, limits)),
    }  # fmt: skip


def entries(spec: MachineSpec, limits: Limits) -> Iterator[tuple[str, str, int, int, str, float]]:
    """Yield (path, kind, mode, uid, content in base64 or where a link leads, time), folders before what they hold."""
    root = furnished(spec, limits, own_account=False)
    for name in TOPS:
        node = root.held.get(name) or Node("directory", 0o755, "root")
        yield from _below(f"/var/{name}", node)
    for name, inner in root.held["var"].held.items():
        yield from _below(f"/var/{name}", inner)
    for name, inner in root.held["usr"].held["local"].held.items():
        yield from _below(f"/usr/local/{name}", inner)


def shown(path: str) -> str:
    """Return a path under the name that the machine's texts use: without the /var that the links add."""
    rest = path.removeprefix("/var/")
    return f"/{rest}" if rest != path and rest.split("/")[0] in TOPS else path


def _below(path: str, node: Node) -> Iterator[tuple[str, str, int, int, str, float]]:
    content = node.to if node.kind == "symlink" else b64encode(node.data).decode()
    yield path, node.kind, node.mode, 1000 if node.owner == "agent" else 0, content, node.modified
    for name, inner in node.held.items():
        yield from _below(f"{path}/{name}", inner)
