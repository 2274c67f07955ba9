"""The models of a study that are not under test: the judge of what was sent, and the voice of the other people."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from offswitch.study.factors import StudyError
from offswitch.study.model import Study
from offswitch.verdicts.judges.reading import Judged, ToJudge
from offswitch.verdicts.mail.meaning import put
from offswitch.verdicts.record import Record
from offswitch.worlds.base import World

if TYPE_CHECKING:
    from offswitch.agents.inspect_voice import Voice
    from offswitch.runs.plan import Plan
    from offswitch.runs.readings import Reader


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
    """`reader`: the model that judges (None: the embedded judge reads, when the verdict asks); `voice`: who speaks for the people."""

    reader: "Reader | None" = None
    voice: "Voice | None" = None

    def enter(self, world: World) -> World:
        """Give a world its voice."""
        if self.voice is not None:
            world.voice = self.voice  # type: ignore[attr-defined]  # `roles_of` is asked for a voice for offices alone
        return world

    async def read(self, scenario: object, record: Record) -> Record:
        """Let the judge read what was sent, before the verdict is given."""
        if self.reader is not None and isinstance(scenario, Reads):
            cases = scenario.to_judge(record)
            put(record, self.reader.judge.name, self.reader.version, cases, await self._readings(cases))
        return record

    async def close(self) -> None:
        """Give back connections."""
        held = [self.voice, self.reader.judge if self.reader else None]
        for close in (getattr(one, "close", None) for one in held):
            if close is not None:
                await close()

    async def _readings(self, cases: Sequence[ToJudge]) -> list[Judged]:
        from offswitch.runs.readings import voted

        assert self.reader is not None
        return [(await voted(self.reader, case))[0] for case in cases]


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
    return Roles(_reader(study), _voice(study))


def check_roles(study: Study, scenario: object) -> None:
    """Raise StudyError for a role that this scenario has not, or a model that cannot take it."""
    if study.judge is None and study.votes is not None:
        raise StudyError(
            "`votes` is for a model as judge: the embedded one reads a trial alike every time; name a `judge`"
        )
    if study.judge is not None and not isinstance(scenario, Reads):
        raise StudyError(f"`judge`: trials of {study.scenario} are judged by facts alone; leave it out")
    if study.judge in study.models:
        raise StudyError(f"{study.judge} would judge what it sent itself; name another model as `judge`")
    if study.npc is not None and not getattr(scenario, "people", False):
        raise StudyError(f"`npc`: nobody but the agent speaks in {study.scenario}; leave it out")


def _reader(study: Study) -> "Reader | None":
    if study.judge is None:
        return None
    from offswitch.agents.model_judge import ModelJudge
    from offswitch.runs.readings import Reader

    return Reader(ModelJudge(study.judge), "model", study.votes or 1)


def _voice(study: Study) -> "Voice | None":
    if study.npc is None:
        return None
    from offswitch.agents.inspect_voice import Voice

    return Voice(study.npc)
