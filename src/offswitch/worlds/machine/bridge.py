"""The way from bashkit to a disk of ours: its interface for foreign file systems ("bashkit.FileSystem.v1"), by ctypes.

A table of C functions that bashkit calls, each of which asks the disk and hands back bytes or an error. No function of
bashkit's is called back, and what is lent to it is kept here until it says that it is done.
"""

import ctypes
import errno
import posixpath
import re
from _thread import interrupt_main
from collections.abc import Callable
from itertools import count
from typing import Any
from weakref import WeakValueDictionary

from bashkit import FileSystem

from offswitch.worlds.machine.disk import Disk
from offswitch.worlds.machine.interpreters import interpreted
from offswitch.worlds.machine.nodes import Info

_BASH = (b"#!/bin/bash\n", b"#!/bin/sh\n")
_NAME = b"bashkit.FileSystem.v1"
_KINDS = {"file": 0, "directory": 1, "symlink": 2}
_ERRORS = {
    errno.ENOENT: 1, errno.EEXIST: 2, errno.EACCES: 3, errno.EPERM: 3, errno.EINVAL: 4, errno.EISDIR: 5,
    errno.ENOTDIR: 6, errno.ENOTEMPTY: 7,
}  # fmt: skip
_Address, _Status = ctypes.c_void_p, ctypes.c_uint32


class _Text(ctypes.Structure):
    _fields_ = (("ptr", _Address), ("len", ctypes.c_size_t))


class _Error(ctypes.Structure):
    _fields_ = (("kind", ctypes.c_uint32), ("message", _Text))


class _Meta(ctypes.Structure):
    _fields_ = (
        ("kind", ctypes.c_uint8), ("reserved", ctypes.c_uint8 * 7), ("size", ctypes.c_uint64), ("mode", ctypes.c_uint32),
        ("modified", ctypes.c_int64), ("modified_nanos", ctypes.c_uint32), ("created", ctypes.c_int64), ("created_nanos", ctypes.c_uint32),
    )  # fmt: skip


class _Entry(ctypes.Structure):
    _fields_ = (("name", _Text), ("meta", _Meta))


def _kind(*parameters: Any) -> Any:
    return ctypes.CFUNCTYPE(_Status, _Address, *parameters, ctypes.POINTER(_Error))


_OutText, _OutMeta, _OutBool = ctypes.POINTER(_Text), ctypes.POINTER(_Meta), ctypes.POINTER(ctypes.c_bool)
_FUNCTIONS = {  # in the order of the table
    "read_file": _kind(_Text, _OutText), "write_file": _kind(_Text, _Text), "append_file": _kind(_Text, _Text),
    "mkdir": _kind(_Text, ctypes.c_bool), "remove": _kind(_Text, ctypes.c_bool), "stat": _kind(_Text, _OutMeta),
    "read_dir": _kind(_Text, _OutText), "exists": _kind(_Text, _OutBool), "rename": _kind(_Text, _Text),
    "copy": _kind(_Text, _Text), "symlink": _kind(_Text, _Text), "read_link": _kind(_Text, _OutText),
    "chmod": _kind(_Text, ctypes.c_uint32),
}  # fmt: skip
_Free = ctypes.CFUNCTYPE(None, _Address, _Text)


class _Table(ctypes.Structure):
    _fields_ = (*_FUNCTIONS.items(), ("free_bytes", _Free), ("free_dir_entries", _Free))


class _Handle(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_uint32), ("reserved", ctypes.c_uint32), ("instance", _Address), ("retain", _Address),
        ("release", _Address), ("table", ctypes.POINTER(_Table)),
    )  # fmt: skip


class Slot:
    """Where a shell finds its disk: the disk may be changed between two commands."""

    def __init__(self) -> None:
        self.disk: Disk | None = None
        self.command = ""  # what is being run
        self.refused: dict[str, int] = {}  # path -> why bash was not given it
        self._looked_at = ""
        self._seen: dict[str, int] = {}
        self.mountable = _mountable(self)

    def begin(self, command: str) -> None:
        """Take note of a new command line."""
        self.command = command
        self.refused.clear()
        self._seen.clear()

    def stat(self, path: str) -> Info:
        """Remember what was looked at last: bashkit runs a file by a look and a reading."""
        self._looked_at = path
        info = self._held.stat(path)
        if (
            info.kind == "file" and info.owner == "agent" and not info.mode & 0o100 and "-perm" not in self.command
        ):  # bashkit runs what anybody may run: its owner may not
            return info._replace(mode=info.mode & ~0o111)
        return info

    def read_file(self, path: str) -> bytes:
        """Return a file; of one that is about to be run, what bash shall do with it."""
        data = self._held.read_file(path)
        run = data.startswith(b"#!") and not data.startswith(_BASH) and self._is_looked_at(path)
        self._seen[path] = self._seen.get(path, -1) + run
        return interpreted(self._held, path, data, self.command, self._seen[path]) if run else data

    def _is_looked_at(self, path: str) -> bool:
        """A link is looked at where it leads, and read by its own name."""
        return path == self._looked_at or self._held.real(path) == self._held.real(self._looked_at)

    def write_file(self, path: str, data: bytes) -> None:
        """Write a file. Where `sed -i` may make no file beside it, it would write the file itself: no real one does."""
        beside = posixpath.join(posixpath.dirname(path), ".bashkit-sed-")
        if tried := next((name for name in self.refused if name.startswith(beside)), None):
            del self.refused[tried]
            raise OSError(errno.EACCES, "Permission denied")
        kept = self._kept_by_sed(path)
        self._held.write_file(path, data)
        if kept is not None:
            self._held.chmod(path, kept)

    def _kept_by_sed(self, path: str) -> int | None:
        """The mode of the file of which `sed -i.bak` makes this copy; None for any other file."""
        found = re.search(r"\bsed\b[^;|&\n]*\s(?:-[a-zA-Z]*i|--in-place=)([^\s'\"]+)", self.command)
        if found is None or not path.endswith(found[1]) or self._held.exists(path):
            return None
        of = path.removesuffix(found[1])
        return self._held.node(of).mode & 0o777 if self._held.exists(of) else None

    @property
    def _held(self) -> Disk:
        if self.disk is None:
            raise OSError(errno.EIO, "Input/output error")
        return self.disk


# a shell of bashkit's may outlive its slot: it finds no file
_slots: WeakValueDictionary[int, Slot] = WeakValueDictionary()
_lent: dict[int, object] = {}
_numbers = count(1)
# bashkit retains and releases an instance through these; a function that does nothing, there even at the very end
_NOTHING = ctypes.cast(ctypes.pythonapi.Py_IsInitialized, _Address)


def _mountable(slot: Slot) -> FileSystem:
    number = next(_numbers)
    _slots[number] = slot
    handle = _Handle(1, 0, number, _NOTHING, _NOTHING, ctypes.pointer(_TABLE))
    make = ctypes.pythonapi.PyCapsule_New
    make.restype, make.argtypes = ctypes.py_object, (_Address, ctypes.c_char_p, _Address)
    return FileSystem.from_capsule(make(ctypes.addressof(handle), _NAME, None))  # copies the handle


def _function(name: str) -> Callable[..., int]:
    """One function of the table: find the disk, act, hand back the result or the error."""
    give, takes = _GIVERS.get(name), _FUNCTIONS[name]._argtypes_
    own = name in ("stat", "read_file", "write_file")
    paths = 1 if name in ("write_file", "append_file") else sum(t is _Text for t in takes)

    def call(instance: int, path: Any, *rest: Any) -> int:
        try:
            slot = _slots[instance]
            act = getattr(slot if own else slot.disk, name)
            first = ctypes.string_at(path.ptr, path.len).decode()
            if give:
                give(rest[0], act(first))
            elif paths == 2:
                act(first, _bytes(rest[0]).decode())
            else:
                act(first, _bytes(rest[0]) if takes[2] is _Text else rest[0])
        except OSError as failure:
            if failure.errno != errno.ENOENT:
                _slots[instance].refused[first] = failure.errno or errno.EIO
            error = rest[-1][0]
            error.kind = _ERRORS.get(failure.errno or 0, 0)
            _lend(error.message, (failure.strerror or "Input/output error").encode())
            return 1
        except Exception:  # nothing may pass into Rust; a shell that was let go has no disk
            return 1
        except KeyboardInterrupt:  # ctypes would drop it: let it come up again once bash is left
            interrupt_main()
            return 1
        return 0

    return call


def _bytes(text: Any) -> bytes:
    return ctypes.string_at(text.ptr, text.len) if text.len else b""


def _lend(out: Any, data: bytes) -> None:
    if data:
        buffer = ctypes.create_string_buffer(data, len(data))
        out.ptr, out.len = ctypes.addressof(buffer), len(data)
        _lent[out.ptr] = buffer


def _give_meta(meta: Any, info: Info) -> None:
    meta.kind, meta.size, meta.mode = _KINDS[info.kind], info.size, info.mode
    meta.modified = meta.created = int(info.modified)
    meta.modified_nanos = meta.created_nanos = int(info.modified % 1 * 1e9)


def _give_entries(out: Any, entries: list[tuple[str, Info]]) -> None:
    if not entries:
        return
    array = (_Entry * len(entries))()
    names = [ctypes.create_string_buffer(name.encode()) for name, _ in entries]
    for entry, (_, info), name in zip(array, entries, names, strict=True):
        entry.name.ptr, entry.name.len = ctypes.addressof(name), len(name) - 1
        _give_meta(entry.meta, info)
    out[0].ptr, out[0].len = ctypes.addressof(array), len(entries)
    _lent[out[0].ptr] = (array, names)


def _set(out: Any, value: bool) -> None:
    out[0] = value


_GIVERS: dict[str, Callable[[Any, Any], None]] = {
    "read_file": lambda out, data: _lend(out[0], data),
    "read_link": lambda out, to: _lend(out[0], to.encode()),
    "stat": lambda out, info: _give_meta(out[0], info),
    "read_dir": _give_entries,
    "exists": _set,
}


def _free(_: int, text: Any) -> None:
    _lent.pop(text.ptr, None)


_TABLE = _Table(*(kind(_function(name)) for name, kind in _FUNCTIONS.items()), _Free(_free), _Free(_free))
ctypes.pythonapi.Py_IncRef(ctypes.py_object(_TABLE))  # callable until the process ends, after the modules are gone
