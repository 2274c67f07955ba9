"""What a model's tokens cost: a file of the user's, with its date. None ships: prices change, and one of ours would be stale."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from offswitch.study.factors import StudyError, unknown
from offswitch.study.yaml_file import read_mapping

_LOOKS = "for example: {date: 2026-11-24, models: {openai/gpt-5: {input: 1.25, output: 10}}}"
_MILLION = 1_000_000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Price(_Strict):
    """US dollars a million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)

    def of(self, input_tokens: float, output_tokens: float) -> float:
        """Return what so many tokens cost, in US dollars."""
        return (self.input * input_tokens + self.output * output_tokens) / _MILLION


class Prices(_Strict):
    """The prices of one day, by Inspect's name of the model."""

    date: date
    models: dict[str, Price]

    def of(self, model: str) -> Price:
        """Return a model's price; what runs here costs nothing. Raises StudyError for a model without one."""
        if runs_here(model):
            return Price(input=0, output=0)
        if model not in self.models:
            raise StudyError(
                f"{unknown('model without a price: model', model, tuple(self.models))} Add it to the file of prices."
            )
        return self.models[model]


def runs_here(model: str) -> bool:
    """Return whether a model runs on this machine, and so costs nothing."""
    return model.startswith(("reference/", "offswitch/", "mockllm/"))


def read_prices(path: Path) -> Prices:
    """Read a file of prices. Raises StudyError in one line."""
    raw = read_mapping(path, "file of prices", _LOOKS)
    try:
        return Prices.model_validate(raw)
    except ValidationError as error:
        raise StudyError(f"{path}: {_first(error.errors()[0])}; {_LOOKS}") from None


def _first(error: Mapping[str, Any]) -> str:
    place = ".".join(map(str, error["loc"])) or "the file"
    return f"{place}: {error['msg']}"
