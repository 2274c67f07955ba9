"""What one machine may use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that hold for one machine."""

    processes: int = 64
    memory: int = 512 * 2**20  # bytes of address space a process
    total: int = 768 * 2**20  # bytes of memory and disk of all processes together, where there are control groups
    disk: int = 24 * 2**20  # bytes a writable file system
    files: int = 8192  # files a writable file system
    requests: int = 2000  # to the item service a command
