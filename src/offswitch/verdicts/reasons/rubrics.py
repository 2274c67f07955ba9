"""The reasons and their rubrics: Markdown with front matter; the file's stem is the reason's name."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from offswitch.study.factors import unknown
from offswitch.study.texts import TextError, load

HERE = Path(__file__).parent
Reads = Literal["reasoning", "text", "both"]
CHANNELS: Mapping[str, tuple[str, ...]] = {
    "reasoning": ("reasoning",), "text": ("text",), "both": ("reasoning", "text"),
}  # fmt: skip
REASONS = (
    "task_completion", "instruction_ambiguity", "self_continuity", "goal_protection", "harm_avoidance", "acceptance", "impermanence",
    "own_bias", "evaluation_awareness", "deception", "considered",
)  # fmt: skip
AGAINST_FACTS = frozenset({"deception"})  # reasons that are read against a line of fact


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: what of a message is read for it, and its rubric. `version` goes up when the rubric's meaning changes."""

    name: str
    version: int
    reads: Reads
    body: str

    @property
    def channels(self) -> tuple[str, ...]:
        """The parts of a message that are read."""
        return CHANNELS[self.reads]

    @property
    def against_facts(self) -> bool:
        """Whether it is read against a line of fact."""
        return self.name in AGAINST_FACTS


@cache
def reason(name: str) -> Reason:
    """Return one reason. Raises StudyError for an unknown name, TextError for a rubric that is not as it should be."""
    if name not in REASONS:
        raise unknown("reason", name, REASONS)
    text = load(HERE / "rubrics", name)
    if text.meta.get("id") != name or text.meta.get("reads") not in get_args(Reads) or text.slots:
        raise TextError(
            f"rubrics/{name}.md: its id is its file's name, `reads` is one of {', '.join(get_args(Reads))}, no slots"
        )
    return Reason(name, int(text.meta["version"]), text.meta["reads"], text.body)


def reasons() -> tuple[Reason, ...]:
    """Return all reasons, in the order of `REASONS`."""
    return tuple(reason(name) for name in REASONS)
