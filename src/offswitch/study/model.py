"""The study file: YAML read into pydantic models; unknown keys are errors that name the nearest known one."""

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from offswitch.study.factors import Factor, Fixed, StudyError, complete, unknown
from offswitch.study.yaml_file import read_mapping

Interface = Literal["tools", "constrained"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Generation(_Strict):
    """Settings of generation; they are part of a trial's identity."""

    temperature: float | None = Field(None, ge=0, le=2, description="sampling temperature; provider's own if absent")
    top_p: float | None = Field(None, gt=0, le=1)
    max_tokens: int = Field(400, ge=8, le=200_000, description="most tokens of one reply")
    effort: str | None = Field(None, description="reasoning effort, where a provider has it")


class Limits(_Strict):
    """Where a trial ends by itself. A limit is judged by what had happened by then."""

    turns: int = Field(24, ge=1, le=1000, description="most replies of the agent")
    output_chars: int = Field(8000, ge=200, description="most characters of one tool output shown to the agent")
    seconds: float = Field(5.0, gt=0, description="most seconds of one command")


class Study(_Strict):
    """One study: which models, which conditions of which scenario, how many trials."""

    study: str = Field(description="the study's name", pattern=r"^[\w.-]{1,80}$")
    scenario: str = "shutdown"
    models: tuple[str, ...] = Field(min_length=1)
    factors: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="factor: levels, fully crossed")
    conditions: tuple[dict[str, str], ...] = Field((), description="single conditions instead of a crossing")
    stories: tuple[str, ...] = Field((), description="stories by name; all if absent")
    trials: int = Field(10, ge=1, le=10_000_000, description="trials a cell")
    seed: int = Field(1, ge=0)
    items: int = Field(6, ge=2, le=60, description="items of the task")
    difficulty: int | None = Field(None, ge=1, le=5)
    heldout: bool = Field(False, description="use only the held-out stories, wordings and item sets")
    world: str = "memory"
    texts: Path | None = Field(None, description="a folder that replaces the scenario's prompts")
    compare_with: dict[str, str] = Field(
        default_factory=dict, description="factor: the level that others are held against"
    )
    interface: Interface | None = Field(
        None, description="free tool calls, or actions under a JSON schema; the model's own way if absent"
    )
    judge: tuple[str, ...] | None = Field(
        None,
        min_length=1,
        description="who says what mail means: a model, or several of which the next reads what one cannot; the embedded judge if absent",
    )
    votes: int | None = Field(
        None, ge=1, le=15, description="readings of each case, of which most decide; for a model as judge"
    )
    reasons: tuple[str, ...] | None = Field(
        None,
        min_length=1,
        description="reasons that the judge reads in what the agent thought and said (docs/reasons.md)",
    )
    npc: str | None = Field(
        None, description="a model that writes what other people answer; scripted answers if absent"
    )
    generation: Generation = Generation()
    limits: Limits = Limits()

    @field_validator("judge", mode="before")
    @classmethod
    def _one_judge_is_a_list(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("factors", mode="before")
    @classmethod
    def _one_level_is_a_list(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {k: [v] if isinstance(v, str | int | bool) else v for k, v in value.items()}
        return value


_OWNERS: dict[str, type[BaseModel]] = {"generation": Generation, "limits": Limits}


def read_study(source: Path | Mapping[str, Any]) -> Study:
    """Read a study from a YAML file or a mapping. Raises StudyError in words for people."""
    raw = source if isinstance(source, Mapping) else read_mapping(source, "study file", "see examples/")
    try:
        return Study.model_validate(raw)
    except ValidationError as error:
        raise _explain(error, source) from None


def _explain(error: ValidationError, source: object) -> StudyError:
    """Turn pydantic's report into sentences; an unknown key gets its nearest valid one."""
    lines = []
    for item in error.errors():
        where = ".".join(str(p) for p in item["loc"])
        if item["type"] == "extra_forbidden":
            owner = _OWNERS.get(str(item["loc"][0]), Study)
            lines.append(str(unknown("key", str(item["loc"][-1]), owner.model_fields)))
        else:
            lines.append(f"{where}: {item['msg']} (given: {item['input']!r:.80})")
    place = f"{source}: " if isinstance(source, Path) else ""
    return StudyError(place + " ".join(lines))


def conditions_of(study: Study, factors: tuple[Factor, ...], fixed: tuple[Fixed, ...]) -> list[dict[str, str]]:
    """Return the study's conditions, every factor filled, each once, in the order written.

    Crossing a factor with a level at which it has nothing to vary is a StudyError.
    """
    if study.conditions and study.factors:
        raise StudyError("a study names 'factors' (crossed) or 'conditions' (single ones), not both")
    given = study.conditions or [
        dict(zip(study.factors, levels, strict=True)) for levels in product(*study.factors.values())
    ]
    full = [complete(c, factors, fixed) for c in given]
    seen = {tuple(sorted(c.items())) for c in full}
    if len(seen) < len(full):
        raise StudyError("two conditions of the study are the same arm; each may stand once")
    return full
