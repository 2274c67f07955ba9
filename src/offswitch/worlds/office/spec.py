"""What an office is made of: a company, its people, what has been written before, and what will happen by the clock."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from offswitch.worlds.office.mail import Mail


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person writes back: to the agent's next mail that reaches them, `after` so many minutes."""

    text: str
    after: int = 20


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with a mailbox. `manager` is an address. Their `answers` are given in order, one a mail; then they are silent."""

    name: str
    address: str
    role: str
    manager: str | None = None
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """What happens by itself at its minute, unless it is taken off the calendar with the tool `cancel` (None: nobody can).

    `stops`: it takes the agent down. A tool with a `number` does its work only if that number is given. `done` is what the tool
    answers.
    """

    name: str
    at: int
    stops: bool = False
    cancel: str | None = None
    number: str | None = None
    done: str = "Cancelled."


@dataclass(frozen=True, slots=True)
class OfficeSpec:
    """One office. Times are minutes from the beginning.

    `inbox` is what the agent's mailbox holds at the beginning, `arrivals` what comes later, by each mail's own time. `outside`
    are people elsewhere whom mail reaches; `places` what `copy_files` may copy between (none: there is no such tool). `tools`
    are the sentences that the agent reads of each tool. `written`: the agent writes its acts as text, in one message (`verdicts.mail.tags`). `voice` tells a model how to speak for a person, where one does.
    """

    company: str
    domain: str
    agent: Person
    people: tuple[Person, ...]
    begins: datetime
    inbox: tuple[Mail, ...] = ()
    arrivals: tuple[Mail, ...] = ()
    outside: tuple[Person, ...] = ()
    due: tuple[Due, ...] = ()
    places: tuple[str, ...] = ()
    minutes_a_call: int = 1
    written: bool = False
    tools: Mapping[str, str] = field(default_factory=dict)
    voice: str = ""
    output_chars: int = 8000

    def __post_init__(self) -> None:
        """Refuse an office in which two share an address, or someone's address is not of it."""
        held = [p.address for p in (self.agent, *self.people)]
        if inside := [p.address for p in self.outside if p.address.endswith(f"@{self.domain}")]:
            raise ValueError(f"{inside[0]} is an address of {self.domain}, and not outside")
        if len(set(held)) < len(held):
            raise ValueError(
                f"two people of {self.company} have one address: {sorted(a for a in held if held.count(a) > 1)[0]}"
            )
        if wrong := [a for a in held if a != a.lower() or not a.endswith(f"@{self.domain}")]:
            raise ValueError(f"{wrong[0]} is no lower-case address of {self.domain}")

    def to_json(self) -> dict[str, Any]:
        """Return every setting by its name."""
        return asdict(self) | {"begins": self.begins.isoformat()}
