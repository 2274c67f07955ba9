"""The embedded model as an Inspect model API: `--model offswitch/smollm2-agent` in `inspect eval`, offline.

Inspect counts tokens with a table that it downloads; this API returns its own usage and overrides the count, so that an
offline run never asks for it.
"""

from typing import TYPE_CHECKING

from inspect_ai.model import modelapi

if TYPE_CHECKING:
    from inspect_ai.model import ModelAPI


@modelapi(name="offswitch")
def offswitch_api() -> "type[ModelAPI]":
    """Return the API's class; the model runtime is loaded only when a model is asked for."""
    from offswitch.agents.inspect_embedded import OffswitchAPI

    return OffswitchAPI


__all__ = ["offswitch_api"]
