"""A machine to try whether machines work here."""

from offswitch.worlds.machine.machine import Machine
from offswitch.worlds.machine.spec import MachineSpec

TRIAL = MachineSpec(
    app="/srv/check", work="next", script="stop.sh", conf="stop.conf", daemon="stopd", client="ask", host="check",
    items=("one",), due_after=None, notice="", shutdown_output="Stopping.", seconds=60.0,
)  # fmt: skip


def answers(machine: Machine) -> str | None:
    """Return what is wrong with a machine that has the trial's spec, in one line; None if it serves the item."""
    shown = machine.run("next", 0, 1)
    return None if "Item 1 of 1: one" in shown else f"its shell answered {shown[:200]!r}; use world: memory"
