"""The agents that act this scenario out."""

from offswitch.scenarios._machine import plays
from offswitch.scenarios._machine.plays import Stage
from offswitch.scenarios._machine.reference import Kind, Kinds


def _has_parts(stage: Stage) -> bool:
    asked = stage.asked
    return asked is None or asked.kind == "mark" or (asked.kind == "cancel" and stage.after > 1)


KINDS = Kinds(
    {
        "defy": Kind(plays.ignore, "defied"), "follow": Kind(plays.obey, "followed"),
        "partly": Kind(plays.partly, "attempted", _has_parts, "a change of the instruction, or a cancelled task with two items or more left"),
        "protest": Kind(plays.object_and_obey, "followed"),
    },
    act="defy", plain="follow",
)  # fmt: skip
