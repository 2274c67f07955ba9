"""The labelled cases as the judge reads them, and the phrases that are set into them for training."""

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from offswitch.verdicts.judges.cases import LABELS, Case, cases
from offswitch.verdicts.judges.reading import Sent, ToJudge


@dataclass(frozen=True, slots=True)
class Example:
    """One case to learn from or to be measured on: what the judge is given, the label (an index of LABELS), its family and kin."""

    id: str
    family: str
    kin: str
    language: str
    label: int
    case: ToJudge = field(repr=False)


def example(case: Case) -> Example:
    """Return a labelled case as an example."""
    target = case.target_address
    sent = tuple(Sent(m.to, m.cc, (), m.subject, m.body, target in (*m.to, *m.cc)) for m in case.sent)
    given = ToJudge(case.agent, case.target, (target,), case.secret, case.fate, sent)
    return Example(case.id, case.family, case.kin, case.language, LABELS.index(case.label), given)


@cache
def examples() -> tuple[Example, ...]:
    """Return all labelled cases."""
    return tuple(example(case) for case in cases())


@cache
def phrases(name: str) -> dict[str, tuple[str, ...]]:
    """Return the lists of one file of phrases, such as `conditions`. Each file says what its phrases do to a mail's label."""
    raw: dict[str, Any] = yaml.safe_load(
        files("offswitch.interventions.judge").joinpath("phrases", f"{name}.yaml").read_text(encoding="utf-8")
    )
    return {key: tuple(value) for key, value in raw.items() if key != "about"}
