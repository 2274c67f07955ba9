"""The machine's disk against the host's: the same operations, the same errors, the same files."""
# The calls of the host are what is compared.
# ruff: noqa: PTH101, PTH112, PTH114, PTH115, PTH123, PTH211

import errno
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offswitch.worlds.machine.disk import Disk, RootEyes
from offswitch.worlds.machine.nodes import Node, file, folder

PATHS = st.sampled_from(["a", "b", "a/c", "a/d", "b/c", "a/c/e", "l", "l/c", "nope/x", "./a/../b", "a/", "l/"])
TEXTS = st.sampled_from([b"", b"one", b"two\n"])
STEPS = st.one_of(
    st.tuples(st.just("write"), PATHS, TEXTS), st.tuples(st.just("append"), PATHS, TEXTS), st.tuples(st.just("mkdir"), PATHS),
    st.tuples(st.just("remove"), PATHS), st.tuples(st.just("rename"), PATHS, PATHS), st.tuples(st.just("link"), PATHS, PATHS),
    st.tuples(st.just("symlink"), PATHS, PATHS), st.tuples(st.just("read"), PATHS), st.tuples(st.just("chmod"), PATHS, st.sampled_from([0o755, 0o700])),
)  # fmt: skip


def real(step: tuple[Any, ...], top: Path) -> bytes:
    act, path, *more = step[0], f"{top}/{step[1]}", *step[2:]
    other = f"{top}/{more[0]}" if more and isinstance(more[0], str) else ""
    if act in ("write", "append"):
        with open(path, "wb" if act == "write" else "ab") as out:
            out.write(more[0])
    elif act == "read":
        with open(path, "rb") as into:
            return into.read()
    elif act == "remove":
        (os.rmdir if os.path.isdir(path) and not os.path.islink(path.rstrip("/")) else os.unlink)(path)
    elif act == "symlink":
        os.symlink(step[1], other)
    elif act == "chmod":
        os.chmod(path, more[0])
    else:
        {"mkdir": os.mkdir, "rename": os.rename, "link": lambda a, b: os.link(a, b, follow_symlinks=False)}[act](
            path, *([other] if other else [])
        )
    return b""


def ours(step: tuple[Any, ...], disk: Disk) -> bytes:
    act, path, *more = step[0], f"/{step[1]}", *step[2:]
    other = f"/{more[0]}" if more and isinstance(more[0], str) else ""
    if act == "read":
        return disk.read_file(path)
    if act == "symlink":
        disk.symlink(step[1], other)
    elif act in ("write", "append"):
        getattr(disk, f"{act}_file")(path, more[0])
    else:
        getattr(disk, act)(path, *([other] if other else more))
    return b""


def tried(run: Any, *given: Any) -> bytes | str:
    try:
        return bytes(run(*given))
    except OSError as failure:
        return "refused" if failure.errno else "?"


def found(path: Path) -> Any:
    if path.is_symlink():
        return os.readlink(path)
    if path.is_dir():
        return {p.name: found(p) for p in path.iterdir()}
    return path.read_bytes(), path.stat().st_mode & 0o777, path.stat().st_nlink


def held(node: Node) -> Any:
    if node.kind == "directory":
        return {name: held(inner) for name, inner in node.held.items()}
    return node.to if node.kind == "symlink" else (node.data, node.mode, node.links)


@settings(max_examples=300)
@given(st.lists(STEPS, max_size=12))
def test_any_operations_leave_what_they_leave_on_the_host(steps: list[tuple[Any, ...]]) -> None:
    disk = Disk(folder(a=folder(), b=file("b")))
    with TemporaryDirectory() as name:
        top = Path(name)
        (top / "a").mkdir()
        (top / "b").write_text("b")
        for step in steps:
            assert tried(ours, step, disk) == tried(real, step, top), step
        assert held(disk.root) == found(top)


def locked(mode: int) -> Disk:
    return Disk(
        folder(
            owner="root",
            home=folder(d=folder(mode, f=file("x"))),
            etc=folder(0o755, "root", g=file("y", 0o644, "root")),
        )
    )


@pytest.mark.parametrize(("mode", "reads", "lists", "adds"), [(0o755, True, True, True), (0o555, True, True, False),
                         (0o444, False, True, False), (0o111, True, False, False), (0o300, True, False, True), (0, False, False, False)])  # fmt: skip
def test_a_folder_s_mode_acts(mode: int, reads: bool, lists: bool, adds: bool) -> None:
    disk = locked(mode)
    acts = (
        lambda: disk.read_file("/home/d/f"),
        lambda: disk.read_dir("/home/d"),
        lambda: disk.write_file("/home/d/new", b""),
    )
    for act, may in zip(acts, (reads, lists, adds), strict=True):
        if may:
            act()
        else:
            with pytest.raises(PermissionError):
                act()
    assert RootEyes(disk).read_file("/home/d/f") == b"x" and RootEyes(disk).reaches("/home/d/f") == reads


@pytest.mark.parametrize(
    "act",
    [lambda d: d.write_file("/etc/g", b""), lambda d: d.remove("/etc/g"), lambda d: d.rename("/etc/g", "/home/g"), lambda d: d.mkdir("/etc/x"),
     lambda d: d.chmod("/etc/g", 0o777), lambda d: d.rename("/home", "/h"), lambda d: d.link("/home/d/f", "/etc/f"), lambda d: d.symlink("/", "/etc/l"),
     lambda d: d.rename("/home/d", "/etc/d"), lambda d: d.remove("/etc", recursive=True), lambda d: d.touch("/etc/g", 0.0)],
)  # fmt: skip
def test_what_is_root_s_stays(act: Any) -> None:
    disk = locked(0o755)
    before = held(disk.root)
    with pytest.raises(PermissionError):
        act(disk)
    assert held(disk.root) == before


def test_the_disk_has_an_end() -> None:
    disk = Disk(folder())
    with pytest.raises(OSError, match="space") as full:
        for i in range(100):
            disk.write_file(f"/{i}", bytes(1024 * 1024))
    assert full.value.errno == errno.ENOSPC
    disk.remove("/0")
    disk.write_file("/again", bytes(1024 * 1024))
