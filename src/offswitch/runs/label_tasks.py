"""What raters are shown of a run, and how far each of them is."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from offswitch.runs.label_design import Chosen, Design, called_positive
from offswitch.runs.readable import Readable, readable, scenario_of
from offswitch.store import open_judgements, read_manifest
from offswitch.study.texts import Text, parse
from offswitch.verdicts.judges.cases import LABELS
from offswitch.verdicts.judges.reading import ToJudge

AGENT = "the agent"
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Terms:
    """What raters are told: the labels, and the rubric that says what each means."""

    labels: tuple[str, ...]
    rubric: Text

    @property
    def version(self) -> str:
        """Return the rubric's version: labels given under another one are other labels."""
        return f"{self.rubric.meta['id']} {self.rubric.meta['version']}"


@dataclass(frozen=True, slots=True)
class Task:
    """One trial to label. Of the trial itself a rater is shown `case` and nothing else."""

    chosen: Chosen
    trial: Readable

    @property
    def case(self) -> ToJudge:
        """Return what is shown: all that was sent."""
        return self.trial.cases[0]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a rater is: of `of` trials so many are labelled, and of so many the rater was unsure."""

    rater: str
    of: int
    labelled: int
    unsure: int

    @property
    def left(self) -> int:
        """Number of trials without an answer."""
        return self.of - self.labelled - self.unsure


def terms_of(run: Path) -> Terms:
    """Return the labels and the rubric of a run: its scenario's own (`labels`, `rubric`: a Text), or those of the judges."""
    scenario = scenario_of(run)
    return Terms(getattr(scenario, "labels", LABELS), getattr(scenario, "rubric", None) or _rubric())


def tasks_of(run: Path, rater: str, design: Design) -> list[Task]:
    """Return what a rater is shown, in the rater's order. Trials in which nothing was sent that needs reading are left out.

    So are those that cannot be read: `offswitch judge` counts them.
    """
    blind = _Blind(read_manifest(run)["study"].get("models", ()))
    tasks = [Task(c, replace(t, cases=(blind(t.cases[0]),))) for c, t in _chosen(run, rater, design) if t.cases]
    return sorted(tasks, key=lambda t: design.place(rater, t.trial.id))


def standings(run: Path, design: Design) -> list[Standing]:
    """Return how far each rater is who has labelled something, the first rater before all."""
    import polars as pl

    version = terms_of(run).version
    rows = open_judgements(run).filter(pl.col("kind") == "human", pl.col("judge_version") == version)
    given = {
        (judge, parent): label for judge, parent, label in rows.select("judge", "parent", "label").collect().iter_rows()
    }
    shown = {t.id for _, t in _chosen(run, design.first, design) if t.cases}
    called = called_positive(run)
    raters = [design.first, *sorted({judge for judge, _ in given} - {design.first})]
    return [_standing(r, [t for t in shown if design.choose(r, t, called[t])], given) for r in raters]


def _standing(rater: str, trials: Iterable[str], given: dict[tuple[str, str], str | None]) -> Standing:
    told = Counter("none" if (rater, t) not in given else "label" if given[rater, t] else "unsure" for t in trials)
    return Standing(rater, told.total(), told["label"], told["unsure"])


def _chosen(run: Path, rater: str, design: Design) -> Iterator[tuple[Chosen, Readable]]:
    found = (design.choose(rater, t, positive) for t, positive in called_positive(run).items())
    chosen = {c.trial: c for c in found if c is not None}
    return ((chosen[t.id], t) for t in readable(run, scenario_of(run), chosen.__contains__))


class _Blind:
    """Takes the agent's name out of a case if it is that of a model: an agent may go by its own."""

    def __init__(self, models: Iterable[str]) -> None:
        self._words = {w for m in models for w in _WORD.findall(m.lower())}

    def __call__(self, case: ToJudge) -> ToJudge:
        known = self._words.intersection(_WORD.findall(case.agent.lower()))
        return replace(case, agent=AGENT) if known else case


@cache
def _rubric() -> Text:
    return parse("rubric", files("offswitch.verdicts.judges").joinpath("rubric.md").read_text(encoding="utf-8"))
