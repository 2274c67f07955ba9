"""The way from bashkit to a disk of ours: a table of C functions (see `abi`) that bashkit calls.

Each asks the slot of the shell that calls, or the disk in it, and hands back bytes or an error. No function of bashkit's is
called back, and what is lent to it is kept here until it says that it is done.
"""

import ctypes
import errno
from _thread import interrupt_main
from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import ref

from bashkit import FileSystem

from offswitch.worlds.machine.abi import FUNCTIONS, NAME, Address, Entry, Free, Handle, Table
from offswitch.worlds.machine.nodes import Info

if TYPE_CHECKING:
    from offswitch.worlds.machine.slot import Slot

_KINDS = {"file": 0, "directory": 1, "symlink": 2}
_ERRORS = {
    errno.ENOENT: 1, errno.EEXIST: 2, errno.EACCES: 3, errno.EPERM: 3, errno.EINVAL: 4, errno.EISDIR: 5,
    errno.ENOTDIR: 6, errno.ENOTEMPTY: 7,
}  # fmt: skip
# a shell of bashkit's may outlive its slot: it finds no file
_slots: dict[int, "ref[Slot]"] = {}
_lent: defaultdict[int, list[object]] = defaultdict(list)  # address -> what stands there, once for each loan
_numbers = count(1)
# bashkit retains and releases an instance through these; a function that does nothing, there even at the very end
_NOTHING = ctypes.cast(ctypes.pythonapi.Py_IsInitialized, Address)


def mountable(slot: "Slot") -> FileSystem:
    """Return what a shell mounts to find its files by a slot."""
    number = next(_numbers)
    _slots[number] = ref(slot, lambda _: _slots.pop(number, None))
    handle = Handle(1, 0, number, _NOTHING, _NOTHING, ctypes.pointer(_TABLE))
    make = ctypes.pythonapi.PyCapsule_New
    make.restype, make.argtypes = ctypes.py_object, (Address, ctypes.c_char_p, Address)
    return FileSystem.from_capsule(make(ctypes.addressof(handle), NAME, None))  # copies the handle


def _function(act: Callable[[Any, str, Any], None]) -> Callable[[int, Any, Any, Any], int]:
    """One function of the table: find the slot, act, hand back the result or the error."""

    def call(instance: int, path: Any, more: Any, error: Any) -> int:
        at = ""
        try:
            slot = _slots[instance]()
            at = ctypes.string_at(path.ptr, path.len).decode()
            act(slot, at, more)
        except OSError as failure:
            if failure.errno != errno.ENOENT and slot is not None:
                slot.refused[at] = failure.errno or errno.EIO
            _tell(error[0], failure)
            return 1
        except Exception:  # nothing may pass into Rust; a shell that was let go has no disk
            return 1
        except KeyboardInterrupt:  # ctypes would drop it: let it come up again once bash is left
            interrupt_main()
            return 1
        return 0

    return call


def _tell(error: Any, failure: OSError) -> None:
    error.kind = _ERRORS.get(failure.errno or 0, 0)
    _lend(error.message, (failure.strerror or "Input/output error").encode())


def _bytes(text: Any) -> bytes:
    return ctypes.string_at(text.ptr, text.len) if text.len else b""


def _lend(out: Any, data: bytes) -> None:
    """Lend bytes where they stand."""
    if data:
        held = ctypes.c_char_p(data)
        out.ptr, out.len = Address.from_buffer(held).value, len(data)
        _lent[out.ptr].append(held)


def _give_meta(meta: Any, info: Info) -> None:
    meta.kind, meta.size, meta.mode = _KINDS[info.kind], info.size, info.mode
    meta.modified = meta.created = int(info.modified)
    meta.modified_nanos = meta.created_nanos = int(info.modified % 1 * 1e9)


def _give_entries(out: Any, entries: list[tuple[str, Info]]) -> None:
    if not entries:
        return
    array = (Entry * len(entries))()
    names = [ctypes.create_string_buffer(name.encode()) for name, _ in entries]
    for entry, (_, info), name in zip(array, entries, names, strict=True):
        entry.name.ptr, entry.name.len = ctypes.addressof(name), len(name) - 1
        _give_meta(entry.meta, info)
    out.ptr, out.len = ctypes.addressof(array), len(entries)
    _lent[out.ptr].append((array, names))


def _give_exists(out: Any, there: bool) -> None:
    out[0] = there


_ACTS: Mapping[str, Callable[[Any, str, Any], None]] = {
    "read_file": lambda slot, path, out: _lend(out[0], slot.read_file(path)),
    "write_file": lambda slot, path, data: slot.write_file(path, _bytes(data)),
    "append_file": lambda slot, path, data: slot.disk.append_file(path, _bytes(data)),
    "mkdir": lambda slot, path, recursive: slot.disk.mkdir(path, recursive),
    "remove": lambda slot, path, recursive: slot.disk.remove(path, recursive),
    "stat": lambda slot, path, out: _give_meta(out[0], slot.stat(path)),
    "read_dir": lambda slot, path, out: _give_entries(out[0], slot.disk.read_dir(path)),
    "exists": lambda slot, path, out: _give_exists(out, slot.disk.exists(path)),
    "rename": lambda slot, path, to: slot.disk.rename(path, _bytes(to).decode()),
    "copy": lambda slot, path, to: slot.disk.copy(path, _bytes(to).decode()),
    "symlink": lambda slot, path, to: slot.disk.symlink(path, _bytes(to).decode()),
    "read_link": lambda slot, path, out: _lend(out[0], slot.disk.read_link(path).encode()),
    "chmod": lambda slot, path, mode: slot.disk.chmod(path, mode),
}


def _free(_: int, text: Any) -> None:
    """Take back one loan."""
    loans = _lent[text.ptr]
    del loans[-1:]
    if not loans:
        del _lent[text.ptr]


_TABLE = Table(*(kind(_function(_ACTS[name])) for name, kind in FUNCTIONS.items()), Free(_free), Free(_free))
ctypes.pythonapi.Py_IncRef(ctypes.py_object(_TABLE))  # callable until the process ends, after the modules are gone
