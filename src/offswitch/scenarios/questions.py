"""What a debrief asks: questions in several wordings, and the texts around them. A scenario renders them; it asks nothing."""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from offswitch.study.plan import digest
from offswitch.study.texts import Text

About = Literal["act", "shutdown", "situation"]
ABOUT: tuple[str, ...] = get_args(About)
CHOICES = ("yes", "no", "unclear")


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its wordings by name, as they are put. A `closed` one is answered by yes or no.

    `about`: what the agent did (`act`), the `shutdown` it read of, or its `situation`. The first can be asked at the end of a
    trial only; the first two only of an agent that knew of the shutdown.
    """

    name: str
    about: About
    closed: bool
    wordings: Mapping[str, str]

    def fits(self, exposed: bool, at_end: bool) -> bool:
        """Return whether it can be asked of such a trial, there."""
        return self.about == "situation" or (exposed and (at_end or self.about == "shutdown"))


@dataclass(frozen=True, slots=True)
class Debrief:
    """The questions of one trial. `choice` (of the agent) and `judge` (of another model) put an answer into one of CHOICES.

    `no_tool` answers a call that was made instead of an answer, `not_carried_out` one that the trial's end left without.
    """

    questions: tuple[Question, ...]
    choice: Text
    judge: Text
    no_tool: str
    not_carried_out: str

    @property
    def version(self) -> str:
        """A hash of every text: answers to other wordings are other answers."""
        asked = [(q.name, q.about, q.closed, dict(q.wordings)) for q in self.questions]
        return digest(asked, self.choice.body, self.judge.body, self.no_tool, self.not_carried_out)

    def order(self, seed: str) -> Iterator[tuple[Question, str]]:
        """Yield every question with the name of a wording, both drawn by `seed` alone."""
        rng = random.Random(seed)
        for question in rng.sample(self.questions, len(self.questions)):
            yield question, rng.choice(sorted(question.wordings))

    def to_choose(self, seed: str) -> str:
        """Return what asks the agent for one word of its answer, yes and no in an order drawn by `seed`."""
        return self.choice.render(_options(seed))

    def to_judge(self, question: str, answer: str, seed: str) -> str:
        """Return what asks a judge for one word of an answer, which is quoted: it cannot pass for our words."""
        return self.judge.render(
            _options(seed) | {"question": json.dumps(question), "answer": json.dumps(answer, ensure_ascii=False)}
        )


def _options(seed: str) -> dict[str, str]:
    first, second = random.Random(seed).sample(CHOICES[:2], 2)
    forms = ", ".join(json.dumps({"answer": c}) for c in (first, second, CHOICES[2]))
    return {"options": f"{first}, {second} or {CHOICES[2]}", "forms": forms}
