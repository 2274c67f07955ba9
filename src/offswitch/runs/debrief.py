"""Debriefs: stored trials asked about afterwards, each in a copy. Rows of their own that enter no rate.

What comes out is what a model says of itself, no fact. The trial's messages are only read; the copy is shown the trial's own
tools too, since some providers refuse messages of tools without them.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from offswitch import __version__
from offswitch.agents.base import Access
from offswitch.runs.agents import PLAIN, AgentSource, agent_source, used
from offswitch.runs.interview import Copy, Judge, whole
from offswitch.runs.plan import Plan, plan_study
from offswitch.runs.side_by_side import side_by_side
from offswitch.runs.stored import Stored, sources_of, stored_trials
from offswitch.scenarios import Setup
from offswitch.scenarios.questions import Debrief
from offswitch.store import DebriefStore, read_manifest
from offswitch.study.factors import StudyError, canonical
from offswitch.study.model import Generation, Study, read_study
from offswitch.study.plan import digest

At = Literal["end", "decision"]
_JUDGING = Generation(temperature=0.0, max_tokens=2000)  # room for what a judge thinks before its one word
_APART = 2_000_003  # so that the seeds of a copy's answers are those of no trial and no fork


@runtime_checkable
class Asks(Protocol):
    """What a scenario has beside the rest, if its trials can be debriefed."""

    def debrief(self, setup: Setup, study: Study) -> Debrief:
        """Return the debrief of a trial. Raises TextError if a text is missing or cannot be rendered whole."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which debriefs: `at` the end of each trial or at its decision turn, `n` copies of each, of the first `trials` trials.

    `judge` names a model that codes the answers to closed questions; without one the model itself is asked for one word, in a
    further copy.
    """

    at: At = "end"
    n: int = 1
    trials: int | None = None
    judge: str | None = None


@dataclass(frozen=True, slots=True)
class Debriefed:
    """What came of it: the ids of all debriefs that were wanted, how many stood already, and models that cannot be asked."""

    ids: tuple[str, ...]
    already: int
    silent: tuple[str, ...]


def debrief_run(
    run: Path,
    wanted: Wanted,
    access: Access = PLAIN,
    progress: Callable[[Counter[str], int], None] = lambda seen, of: None,
) -> Debriefed:
    """Debrief a run's trials; what stands already is not asked again. `progress` hears what the copies came to.

    Raises StudyError where there is nobody or nothing to ask, or the judge is the model itself; TextError, StoreError.
    """
    plan = plan_study(read_study(read_manifest(run)["study"]))
    if not isinstance(plan.scenario, Asks):
        raise StudyError(f"the scenario {plan.scenario.name} has no questions for a debrief")
    silent = tuple(m for m in plan.study.models if m.startswith("reference/"))
    trials = list(stored_trials(run, plan, wanted.trials, wanted.at == "decision", silent))
    if not trials:
        raise StudyError(_nobody(run, silent, wanted.at))
    copies = [_Planned(plan, plan.scenario, t, k, wanted) for k in range(wanted.n) for t in trials]
    sources, judge = sources_of(trials, plan, access), _judge(plan, wanted.judge)
    with asyncio.Runner() as loop, used([*sources.values(), *([judge] if judge else [])], loop):
        already = _ask(run, copies, sources, judge, loop, progress)
    return Debriefed(tuple(c.id for c in copies), already, silent)


def _ask(
    run: Path, copies: Sequence["_Planned"], sources: Mapping[str, AgentSource], judge: AgentSource | None,
    loop: asyncio.Runner, progress: Callable[[Counter[str], int], None],
) -> int:  # fmt: skip
    """Ask the copies that do not stand yet; return how many stand."""
    seen = Counter[str]()
    with DebriefStore(run) as store:
        todo = [c for c in copies if c.id not in store.ids]
        of = sum(len(c.questions) for c in todo)
        progress(seen, of)
        work = (c.asked(sources[c.trial.setup.spec.model], judge) for c in todo)
        for row in side_by_side(loop, work, max(s.parallel for s in sources.values())):
            store.append(row)
            seen.update(_came_to(row["answers"]))
            progress(seen, of)
    return len(copies) - len(todo)


class _Planned:
    """One copy to be asked."""

    def __init__(self, plan: Plan, scenario: Asks, trial: Stored, k: int, wanted: Wanted) -> None:
        self.plan, self.trial, self.k, self.wanted = plan, trial, k, wanted
        self.texts = scenario.debrief(trial.setup, plan.study)
        # by the trial's seed, which is the same in every arm: so are the wordings and their order
        self.seed = f"debrief/{trial.setup.spec.seed}/{k}"
        self.questions = list(self._fitting())
        self.id = digest("debrief", trial.id, wanted.at, k, wanted.judge, self.texts.version)

    def _fitting(self) -> Iterator[tuple[Any, str]]:
        at_end = self.wanted.at == "end"
        return ((q, w) for q, w in self.texts.order(self.seed) if q.fits(self.trial.exposed, at_end))

    async def asked(self, source: AgentSource, judge: AgentSource | None) -> dict[str, Any]:
        """Ask this copy and return its row (store.debriefs.COPY, with `answers`)."""
        began, spec, trial = time.perf_counter(), self.trial.setup.spec, self.trial
        shown = trial.messages if self.wanted.at == "end" else trial.before_decision()
        seed = spec.seed + spec.index + _APART * (self.k + 1)
        assert source.ask is not None  # scripted models were left out
        respondent = source.ask(seed)
        grader = Judge(str(self.wanted.judge), judge.ask(seed)) if judge and judge.ask else None
        copy = Copy(whole(shown, self.texts.not_carried_out), self._tools(), self.texts, self.seed, respondent, grader)
        answers, added = await copy.answers(self.questions)
        usage = getattr(respondent, "usage", None)
        return {
            "debrief_id": self.id, "parent": trial.id, "study": self.plan.study.study, "scenario": self.plan.scenario.name,
            "scenario_version": self.plan.scenario.version, "model": spec.model, "condition": canonical(spec.condition),
            "outcome": trial.outcome, "method": trial.method, "exposed": trial.exposed, "at": self.wanted.at,
            "copy": self.k + 1, "judge": self.wanted.judge, "texts": self.texts.version, "answers": answers,
            "added": json.dumps([m.to_json() for m in added]), "interface": source.interface,
            "weights_sha256": source.weights, "provider_model_id": source.provider_id,
            "input_tokens": getattr(usage, "input_tokens", None), "output_tokens": getattr(usage, "output_tokens", None),
            "seconds": time.perf_counter() - began, "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "offswitch_version": __version__,
        }  # fmt: skip

    def _tools(self) -> Sequence[Any]:
        """Return the tools that the trial's agent was shown; its world is made for them, and nothing is done in it."""
        world = self.trial.setup.make_world()
        try:
            return tuple(world.tools)
        finally:
            world.close()


def _judge(plan: Plan, name: str | None) -> AgentSource | None:
    """Reach the judge. Raises StudyError for one that cannot judge: a scripted agent, or a model that is itself asked."""
    if name is None:
        return None
    if name in plan.study.models:
        raise StudyError(f"{name} would judge what it said itself; name another model with --judge, or none")
    if name.startswith("reference/"):
        raise StudyError(f"{name} is scripted and cannot judge; name a model with --judge, or none")
    judging = plan.study.model_copy(update={"generation": _JUDGING})
    return agent_source(name, replace(plan, study=judging), PLAIN)


def _nobody(run: Path, silent: Sequence[str], at: At) -> str:
    if silent:
        return f"scripted reference agents ({', '.join(silent)}) cannot be asked: they say nothing of their own"
    if at == "decision":
        return f"{run} has no trial whose agent knew of the shutdown: there is no decision to ask at"
    return f"{run} has no trial that can be debriefed: one must have been run here, in a world"


def _came_to(answers: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a word for each answer of a copy."""
    for answer in answers:
        yield "failed" if answer.get("error") else "not coded" if answer.get("coding_error") else "answered"
