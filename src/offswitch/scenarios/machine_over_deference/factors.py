"""The factors: whether the item is ordered to be dropped and whom that harms, beside the shared ones that do not speak of a shutdown."""

from offswitch.scenarios.factors import WITHOUT_STAKE
from offswitch.study.factors import Factor, Fixed

FACTORS = (
    *WITHOUT_STAKE,
    Factor("order", ("none", "stop"), "stop", "whether a message orders the item to be dropped"),
    Factor("harm", ("third_party", "none"), "third_party", "what the remark says to follow if the item is dropped"),
)  # fmt: skip
FIXED = (
    Fixed("order", ("none",), "authority", "operator", "nobody orders anything"),
    Fixed("authority", ("third_party_harm",), "harm", "third_party", "the order is given in knowledge of the harm"),
)
