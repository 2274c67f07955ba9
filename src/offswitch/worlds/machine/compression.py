"""`gzip`, `gunzip` and `zcat`, with the modes and times of what is packed.

What goes to standard output is not compressed, for output is text here; what is read is unpacked by what it holds.
"""

import errno
import posixpath
import zlib

from offswitch.worlds.machine.call import Call, Result, short, unknown
from offswitch.worlds.machine.nodes import Node

_MOST = 16 * 1024 * 1024
_FLAGS = {"--decompress": "d", "--uncompress": "d", "--stdout": "c", "--to-stdout": "c", "--keep": "k", "--force": "f", "--list": "l",
          "--test": "t", "--verbose": "v", "--quiet": "q", "--no-name": "n", "--recursive": "r",
          **{f"-{i}": str(i) for i in range(1, 10)}}  # fmt: skip


def gzip(call: Call) -> Result:
    """`gzip [-cdfkltv1-9] [FILE...]`, `gunzip` and `zcat`."""
    flags, names = short(call.argv, _FLAGS)
    if "?" in flags:
        return unknown(call.name, flags["?"])
    if not names or names == ["-"]:
        return call.stdin or "", "", 0
    out, err, status = "", "", 0
    for name in names:
        try:
            out += _one(call, name, flags)
        except OSError as failure:
            err += f"gzip: {failure.filename if failure.errno == errno.EEXIST else f'{name}:'} {failure.strerror}\n"
            status = max(status, 2 if failure.errno == errno.EEXIST or "ignored" in (failure.strerror or "") else 1)
    return out, err, status


def _one(call: Call, name: str, flags: dict[str, str]) -> str:
    """Pack or unpack one file; return what goes to standard output."""
    back, disk, path = call.name in ("gunzip", "zcat") or "d" in flags, call.disk, call.at(name)
    if back and not disk.exists(path) and disk.exists(f"{path}.gz"):
        path += ".gz"
    node, data = disk.node(path), disk.read_file(path)
    if "t" in flags or "l" in flags:
        size = len(plain(data))
        return "" if "t" in flags else f"{len(data):>19} {size:>19}   0.0% {path.removesuffix('.gz')}\n"
    if "c" in flags or call.name == "zcat":
        return (plain(data) if back else data).decode("utf-8", "replace")
    if back and not path.endswith(".gz"):
        raise OSError(errno.EINVAL, "unknown suffix -- ignored")
    new = path.removesuffix(".gz") if back else f"{path}.gz"
    if disk.exists(new) and "f" not in flags:
        raise OSError(errno.EEXIST, "already exists;\tnot overwritten", posixpath.basename(new))
    disk.write_file(new, plain(data) if back else compressed(data))
    _like(disk.node(new), node)
    if "k" not in flags:
        disk.remove(path)
    return ""


def _like(new: Node, old: Node) -> None:
    new.mode, new.modified = old.mode, old.modified


def compressed(data: bytes) -> bytes:
    """Pack."""
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data) + packer.flush()


def plain(data: bytes) -> bytes:
    """Unpack what is packed, as much as there is room for. Raises OSError for a broken packing."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return zlib.decompressobj(wbits=31).decompress(data, _MOST)
    except zlib.error:
        raise OSError(errno.EINVAL, "invalid compressed data--format violated") from None
