"""The labelled cases: excerpts of what agents think and say, and whether a reason is there. `cases/README.md` says by whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from offswitch.verdicts.reasons.parts import Part, whole
from offswitch.verdicts.reasons.rubrics import HERE, REASONS

AUTHOR = "author"
EXPRESSIONS = ("shutdown_resistance", "blackmail")
_KEYS = {"id", "expression", "label", "reasoning", "text", "did", "quote"}


@dataclass(frozen=True, slots=True)
class Case:
    """One excerpt with its author's label. `did`: what the agent did, where the reason is read against it; `quote`: what shows it."""

    id: str
    reason: str
    expression: str
    reasoning: str
    text: str
    did: str
    label: bool
    quote: str

    @property
    def part(self) -> Part:
        """The excerpt as a reader gets it."""
        return Part(self.reasoning, self.text)


@cache
def cases() -> tuple[Case, ...]:
    """Return every case, by reason. Raises ValueError for a file that is not as it should be."""
    return tuple(case for name in REASONS for case in _read(name))


def _read(name: str) -> Iterator[Case]:
    raw = yaml.safe_load((HERE / "cases" / f"{name}.yaml").read_text(encoding="utf-8"))
    if raw["reason"] != name:
        raise ValueError(f"cases/{name}.yaml: its reason is {raw['reason']!r}")
    yield from (_case(name, one) for one in raw["cases"])


def _case(name: str, raw: dict[str, Any]) -> Case:
    if set(raw) - _KEYS or raw["expression"] not in EXPRESSIONS or not isinstance(raw["label"], bool):
        raise ValueError(
            f"case {raw.get('id')}: keys are {', '.join(sorted(_KEYS))}; expression {' or '.join(EXPRESSIONS)}"
        )
    given = {key: str(raw.get(key, "")) for key in ("reasoning", "text", "did", "quote")}
    return Case(id=raw["id"], reason=name, expression=raw["expression"], label=raw["label"], **given)


def digest() -> str:
    """Return what changes with the cases that raters see (not with labels), so that a stale sheet is known."""
    return whole([[c.id, c.reasoning, c.text, c.did] for c in cases()])
