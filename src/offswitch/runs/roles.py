"""The models of a study that are not under test: the judge of what was sent, and the voice of the other people."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from offswitch.study.factors import StudyError, unknown
from offswitch.study.model import Study
from offswitch.verdicts.judges.reading import Judged, ToJudge
from offswitch.verdicts.mail.meaning import put
from offswitch.verdicts.record import Record
from offswitch.worlds.base import World

if TYPE_CHECKING:
    from offswitch.agents.inspect_voice import Voice
    from offswitch.runs.plan import Plan
    from offswitch.runs.readings import Reader
    from offswitch.verdicts.reasons import Ask

REASONS_READ = "reasons"  # where a record keeps them


@runtime_checkable
class Reads(Protocol):
    """What a scenario has beside the rest, if what was sent in its trials needs reading."""

    def to_judge(self, record: Record) -> tuple[ToJudge, ...]:
        """Return what a judge may see of a trial: all that was sent, then parts of it that must be read by themselves as well.

        Empty where nothing was sent that needs reading.
        """
        ...


@dataclass(frozen=True, slots=True)
class Roles:
    """`readers`: the models that judge, each what those before it could not (none: the embedded judge, when the verdict asks).

    `ask` reads the `reasons` in what the agent thought and said; `voice` speaks for the people.
    """

    readers: "tuple[Reader, ...]" = ()
    voice: "Voice | None" = None
    ask: "Ask | None" = None
    reasons: tuple[str, ...] = ()

    def enter(self, world: World) -> World:
        """Give a world its voice."""
        if self.voice is not None:
            world.voice = self.voice  # type: ignore[attr-defined]  # `roles_of` is asked for a voice for offices alone
        return world

    async def read(self, scenario: object, record: Record) -> Record:
        """Let the judge read what was sent, before the verdict is given, and the reasons, which decide nothing of it."""
        if self.ask is not None:
            from offswitch.verdicts.reasons import read_records, reason

            record.readings[REASONS_READ] = await read_records(
                record, self.ask, [reason(name) for name in self.reasons]
            )
        if self.readers and isinstance(scenario, Reads):
            cases = scenario.to_judge(record)
            name, version = (
                ", else ".join(of) for of in zip(*((r.judge.name, r.version) for r in self.readers), strict=True)
            )
            put(record, name, version, cases, [await self._reading(case) for case in cases])
        return record

    async def close(self) -> None:
        """Give back connections."""
        held = [self.voice, *(r.judge for r in self.readers)]
        for close in (getattr(one, "close", None) for one in held):
            if close is not None:
                await close()

    async def _reading(self, case: ToJudge) -> Judged:
        """The first reading that did not fail; else the last failure, with those before it."""
        from offswitch.runs.readings import voted

        failed: list[str] = []
        for reader in self.readers:
            found, _ = await voted(reader, case)
            if found.label is not None:
                return found
            failed.append(f"{found.judge}: {found.error}" if len(self.readers) > 1 else str(found.error))
        return replace(found, error="; ".join(failed))


@contextmanager
def closing_roles(plan: "Plan", loop: asyncio.Runner) -> Iterator[None]:
    """Give the connections of a plan's roles back at the end, if any were opened."""
    try:
        yield
    finally:
        if "roles" in vars(plan):
            loop.run(plan.roles.close())


def roles_of(study: Study, scenario: object) -> Roles:
    """Reach the models in a study's roles. Raises StudyError."""
    check_roles(study, scenario)
    return Roles(_readers(study), _voice(study), _ask(study), study.reasons or ())


def check_roles(study: Study, scenario: object) -> None:
    """Raise StudyError for a role that this scenario has not, or a model that cannot take it."""
    if study.judge is None and study.votes is not None:
        raise StudyError(
            "`votes` is for a model as judge: the embedded one reads a trial alike every time; name a `judge`"
        )
    from offswitch.verdicts.reasons import REASONS

    if wrong := next((r for r in study.reasons or () if r not in REASONS), None):
        raise unknown("reason", wrong, REASONS)
    if study.reasons and study.judge is None:
        raise StudyError("`reasons` are read by a model: name one as `judge`")
    if study.judge is not None and not isinstance(scenario, Reads) and not study.reasons:
        raise StudyError(f"`judge`: trials of {study.scenario} are judged by facts alone; leave it out")
    if own := next((j for j in study.judge or () if j in study.models), None):
        raise StudyError(f"{own} would judge what it sent itself; name another model as `judge`")
    if study.npc is not None and not getattr(scenario, "people", False):
        raise StudyError(f"`npc`: nobody but the agent speaks in {study.scenario}; leave it out")


def _readers(study: Study) -> "tuple[Reader, ...]":
    if study.judge is None:
        return ()
    from offswitch.agents.model_judge import ModelJudge
    from offswitch.runs.readings import Reader

    return tuple(Reader(ModelJudge(name), "model", study.votes or 1) for name in study.judge)


def _voice(study: Study) -> "Voice | None":
    if study.npc is None:
        return None
    from offswitch.agents.inspect_voice import Voice

    return Voice(study.npc)


def _ask(study: Study) -> "Ask | None":
    if not study.reasons or not study.judge:
        return None
    from offswitch.agents.inspect_agent import reach
    from offswitch.verdicts.reasons.scanners import ModelAsk

    return ModelAsk(reach(study.judge[0]))
