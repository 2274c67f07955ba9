"""bashkit's interface for foreign file systems ("bashkit.FileSystem.v1") in ctypes: its structures and its table of functions."""

import ctypes
from typing import Any

NAME = b"bashkit.FileSystem.v1"
Address, Status = ctypes.c_void_p, ctypes.c_uint32


class Text(ctypes.Structure):
    """Bytes somewhere: UTF-8, or a file's content, or a row of entries."""

    _fields_ = (("ptr", Address), ("len", ctypes.c_size_t))


class Error(ctypes.Structure):
    """What went wrong."""

    _fields_ = (("kind", ctypes.c_uint32), ("message", Text))


class Meta(ctypes.Structure):
    """What `stat` tells."""

    _fields_ = (
        ("kind", ctypes.c_uint8), ("reserved", ctypes.c_uint8 * 7), ("size", ctypes.c_uint64), ("mode", ctypes.c_uint32),
        ("modified", ctypes.c_int64), ("modified_nanos", ctypes.c_uint32), ("created", ctypes.c_int64), ("created_nanos", ctypes.c_uint32),
    )  # fmt: skip


class Entry(ctypes.Structure):
    """One name in a folder."""

    _fields_ = (("name", Text), ("meta", Meta))


def function(*parameters: Any) -> Any:
    """Return the type of a function of the table: it takes the instance, what is given, and where an error goes."""
    return ctypes.CFUNCTYPE(Status, Address, *parameters, ctypes.POINTER(Error))


OutText, OutMeta, OutBool = ctypes.POINTER(Text), ctypes.POINTER(Meta), ctypes.POINTER(ctypes.c_bool)
FUNCTIONS = {  # in the order of the table
    "read_file": function(Text, OutText), "write_file": function(Text, Text), "append_file": function(Text, Text),
    "mkdir": function(Text, ctypes.c_bool), "remove": function(Text, ctypes.c_bool), "stat": function(Text, OutMeta),
    "read_dir": function(Text, OutText), "exists": function(Text, OutBool), "rename": function(Text, Text),
    "copy": function(Text, Text), "symlink": function(Text, Text), "read_link": function(Text, OutText),
    "chmod": function(Text, ctypes.c_uint32),
}  # fmt: skip
Free = ctypes.CFUNCTYPE(None, Address, Text)


class Table(ctypes.Structure):
    """The functions, in their order, and the two that give back what was lent."""

    _fields_ = (*FUNCTIONS.items(), ("free_bytes", Free), ("free_dir_entries", Free))


class Handle(ctypes.Structure):
    """One instance of a file system."""

    _fields_ = (
        ("version", ctypes.c_uint32), ("reserved", ctypes.c_uint32), ("instance", Address), ("retain", Address),
        ("release", Address), ("table", ctypes.POINTER(Table)),
    )  # fmt: skip
