"""The machine in real bash: bubblewrap with fresh namespaces, without root or a network inside."""

from offswitch.worlds.machine.bwrap.machine import BwrapMachine

__all__ = ["BwrapMachine"]
