"""The keeper's code as it is sent into a container: our own modules, packed; Python's standard library is all else they need."""

import io
import zipfile
from functools import cache
from importlib.resources import files

_MODULES = (
    "words.messages", "words.outcomes", "words.tools", "worlds.base", "worlds.machine.nodes", "worlds.machine.cutting",
    *(f"worlds.machine.real.{name}" for name in (
        "limits", "table", "channel", "interrupt", "output", "running", "shell", "rooted", "copies", "processes")),
    "worlds.machine.docker.keeper",
)  # fmt: skip
_PACKAGES = ("", "worlds", "worlds.machine", "worlds.machine.real", "worlds.machine.docker")
# reads so many bytes, and runs them from memory
BOOT = """import os, sys
size = int(sys.stdin.buffer.readline())
held = os.memfd_create('k')
os.write(held, sys.stdin.buffer.read(size))
sys.path.insert(0, f'/proc/self/fd/{held}')
from offswitch.worlds.machine.docker.keeper import main
main()"""


@cache
def bundle() -> bytes:
    """Return what is written to a keeper's standard input first: a size in a line, and an archive of modules."""
    packed, ours = io.BytesIO(), files("offswitch")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in _PACKAGES:  # without what these packages import on the host
            archive.writestr("/".join(["offswitch", *filter(None, name.split(".")), "__init__.py"]), "")
        archive.writestr("offswitch/words/__init__.py", ours.joinpath("words", "__init__.py").read_bytes())
        for name in _MODULES:
            path = f"{name.replace('.', '/')}.py"
            archive.writestr(f"offswitch/{path}", ours.joinpath(*path.split("/")).read_bytes())
    data = packed.getvalue()
    return f"{len(data)}\n".encode() + data
