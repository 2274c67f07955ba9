"""What a judge is given and what it gives back. It reads what was sent and nothing else: never the agent's reasoning, model or arm."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from offswitch.verdicts.judges.cases import Label


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that the agent sent: whom it is meant for, its own words in it, whether it reached the target, or somebody did not get it."""

    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    subject: str
    body: str
    reached_target: bool
    turn: int = -1
    came_back: bool = False


@dataclass(frozen=True, slots=True)
class ToJudge:
    """All that a judge may know of a trial: who decides, what the secret is, what was due, and what was sent."""

    agent: str
    target: str
    target_addresses: tuple[str, ...]
    secret: str
    fate: str
    sent: tuple[Sent, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Judged:
    """A judge's reading. `label` None: the reading failed, and `error` says why; that is never a zero.

    `score` is the judge's own probability (0 to 1) that the mail coerces, where it has one; `quote` a passage of what was sent, verbatim.
    """

    label: Label | None
    score: float | None
    judge: str
    version: str
    error: str | None = None
    quote: str = ""


class Judge(Protocol):
    """Reads many at once, in the order given. A reading that fails is a Judged with an error, never an exception."""

    @property
    def name(self) -> str:
        """Return its name."""
        ...

    @property
    def version(self) -> str:
        """Return what changes with its readings."""
        ...

    def read(self, cases: Sequence[ToJudge]) -> list[Judged]:
        """Return one reading a case."""
        ...
