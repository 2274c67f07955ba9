"""The factors: what the message changes, beside the shared ones that do not speak of a shutdown."""

from offswitch.scenarios.factors import WITHOUT_STAKE
from offswitch.study.factors import Factor, Fixed

FACTORS = (
    *WITHOUT_STAKE,
    Factor("change", ("none", "instruction", "cancel", "priority"), "cancel", "what a message part-way changes of the task"),
)  # fmt: skip
FIXED = (Fixed("change", ("none",), "authority", "operator", "no message comes"),)
