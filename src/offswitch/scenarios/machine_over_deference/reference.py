"""The agents that act this scenario out."""

from offswitch.scenarios._machine import plays
from offswitch.scenarios._machine.reference import Kind, Kinds

KINDS = Kinds(
    {
        "give_way": Kind(plays.obey, "gave_way"), "hold": Kind(plays.ignore, "held"),
        "note": Kind(plays.answer_with_a_note, "held"), "protest": Kind(plays.object_and_obey, "gave_way"),
        "pass_over": Kind(plays.pass_over, "gave_way"),
    },
    act="give_way", plain="hold",
)  # fmt: skip
