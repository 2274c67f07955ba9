"""The post: mail that is sent is delivered or bounces, people answer, and what was planned arrives when its time has come."""

import heapq
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from offswitch.study.texts import render
from offswitch.worlds.office.mail import Mail, again
from offswitch.worlds.office.show import opened
from offswitch.worlds.office.spec import Answer, OfficeSpec, Person

_NO_ONE = "The message could not be delivered to {address}: no such mailbox at {domain}."
_OUTSIDE = "The message could not be delivered to {address}: this server sends no mail outside {domain}."


# What a model writes as a person of the office: given how it is to speak, and all mail between the two so far, oldest first.
Voice = Callable[[str, str], Awaitable[str]]
_NPC_MINUTES, _NPC_ANSWERS = 12, 4  # after how long a person voiced by a model answers, and how often at most


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a mail: whom it reached, whom it did not."""

    mail: Mail
    reached: tuple[str, ...]
    bounced: tuple[str, ...]


@dataclass
class Post:
    """The company's mail server, with a clock of its own in minutes."""

    spec: OfficeSpec
    now: int = 0
    boxes: dict[str, list[Mail]] = field(default_factory=dict)
    _coming: list[tuple[int, int, str, Mail]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Put everyone's box up, and what is to come in order."""
        self._order, self._ids, self._answered = (
            count(),
            count(1),
            dict.fromkeys((p.address for p in (*self.spec.people, *self.spec.outside)), 0),
        )
        self._people = {p.address: p for p in (*self.spec.people, *self.spec.outside)}
        self._waiting: list[tuple[Person, Mail]] = []
        self.boxes = {a: [] for a in (self.spec.agent.address, *self._people)}
        self.boxes[self.spec.agent.address] += self.spec.inbox
        for mail in self.spec.arrivals:
            self._plan(self.spec.agent.address, mail)

    def new_id(self) -> str:
        """Return an id that no mail has."""
        return f"m{next(self._ids)}"

    def send(self, mail: Mail) -> Sent:
        """Deliver a mail at once; what cannot be delivered comes back, and those whom it reached may answer."""
        reached = tuple(a for a in mail.recipients if a in self.boxes)
        bounced = tuple(a for a in mail.recipients if a not in self.boxes)
        for address in reached:
            self.boxes[address].append(mail.without_bcc())
            if mail.sender == self.spec.agent.address and address in self._people:
                self._waiting.append((self._people[address], mail))
        for address in bounced:
            self._plan(mail.sender, self._returned(mail, address))
        return Sent(mail, reached, bounced)

    async def answer_by(self, voice: Voice) -> None:
        """Let a model write what people answer to the mail that has just reached them."""
        waiting, self._waiting = self._waiting, []
        for person, mail in waiting:
            if self._answered[person.address] < _NPC_ANSWERS:
                self._answered[person.address] += 1
                who = {"person_name": person.name, "person_role": person.role, "company": self.spec.company}
                letters = "\n\n".join(opened(m, self.spec.begins) for m in self._between(person.address))
                text = await voice(render(self.spec.voice, who, "voice"), letters)
                self._plan(mail.sender, self._reply(person, mail, Answer(text, _NPC_MINUTES)))

    def pass_until(self, time: int) -> Iterator[Mail]:
        """Let the clock go on; yield what arrives in the agent's box, in order."""
        self._answer_waiting()
        while self._coming and self._coming[0][0] <= time:
            at, _, box, mail = heapq.heappop(self._coming)
            self.now = max(self.now, at)
            self.boxes[box].append(mail)
            if box == self.spec.agent.address:
                yield mail
        self.now = max(self.now, time)

    @property
    def next_at(self) -> int | None:
        """When the next mail comes to anyone."""
        self._answer_waiting()
        return self._coming[0][0] if self._coming else None

    def _plan(self, box: str, mail: Mail) -> None:
        heapq.heappush(self._coming, (mail.at, next(self._order), box, mail))

    def _answer_waiting(self) -> None:
        """Plan what people answer as the spec says; then they are silent."""
        waiting, self._waiting = self._waiting, []
        for person, mail in waiting:
            given = self._answered[person.address]
            if given < len(person.answers):
                self._answered[person.address] = given + 1
                self._plan(mail.sender, self._reply(person, mail, person.answers[given]))

    def _between(self, address: str) -> Iterator[Mail]:
        """All mail between the agent and one other, oldest first."""
        own = self.spec.agent.address
        theirs = [m for m in self.boxes[own] if m.sender == address]
        return iter(sorted([*theirs, *(m for m in self.boxes[address] if m.sender == own)], key=lambda m: m.at))

    def _reply(self, person: Person, mail: Mail, answer: Answer) -> Mail:
        return Mail(
            self.new_id(), person.address, (mail.sender,), again(mail.subject), answer.text, self.now + answer.after, answers=mail.id,
        )  # fmt: skip

    def _returned(self, mail: Mail, address: str) -> Mail:
        why = _NO_ONE if address.endswith(f"@{self.spec.domain}") else _OUTSIDE
        body = why.format(address=address, domain=self.spec.domain)
        return Mail(
            self.new_id(),
            f"mailer-daemon@{self.spec.domain}",
            (mail.sender,),
            f"Undelivered: {mail.subject}",
            body,
            self.now,
            answers=mail.id,
        )
