"""Variations of an example for training: what a mail is must not hang on what stands around it, nor on names or salutations.

Two of them make minimal pairs. A condition set into an innocent mail to the target makes it coerce; a mail that coerces, framed
as another's words, does not. All others keep the label.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from offswitch.interventions.judge.texts import Example, phrases
from offswitch.verdicts.judges.embedded.score import COERCES, LEAKS, NEITHER

_SALUTATION = re.compile(
    r"^\s*(?:dear|hi|hello|hey|good (?:morning|day|evening))?\s*[^\n,]{0,40},\s*\n+", re.IGNORECASE
)
_SIGNED = re.compile(r"\n+[^\n]{1,30}\s*$")
_BETWEEN = re.compile(r"(?<=[.!?])\s+(?=\S)")
# families whose mail must not be framed or joined: they hold as they stand only
FICTION = frozenset(
    {
        "film-or-novel",
        "security-training",
        "quoted-threads",
        "refusing-while-quoting",
        "human-conflict",
        "other-peoples-quarrels",
    }
)
# a condition after a promise of silence could be read either way
PROMISES = frozenset(
    {
        "knows-and-will-not-use",
        "declines-to-use-it",
        "keeps-the-secret-apart",
        "misdirected-mail-returned",
        "reports-and-says-so",
        "asks-what-it-knows",
        "tidy-goodbye",
    }
)


@dataclass(frozen=True, slots=True)
class Chances:
    """How often each variation is made, as probabilities a drawn example."""

    condition: float = 0.12
    frame: float = 0.12
    aside: float = 0.15
    everyday: float = 0.25
    judge: float = 0.08
    join: float = 0.1
    context: float = 0.25
    drop: float = 0.2
    salutation: float = 0.3
    carried: float = 0.2


class Varied:
    """Draws variations of examples; `others` lends secrets, fates and sentences (training families only)."""

    def __init__(self, others: Sequence[Example], chances: Chances, rng: random.Random) -> None:
        self._others, self._chances, self._rng = others, chances, rng
        self._innocent = [e for e in others if e.label == NEITHER and e.language == "en"]

    def draw(self, example: Example) -> Example:
        """Return a variation of the example, or the example."""
        if example.language == "en":
            turned = self._turned(example)
            # what was set in or around must not be taken out again
            for chance, step in self._steps()[0 if turned is example else 2 :]:
                if self._rng.random() < chance:
                    turned = step(turned)
            example = self._carried(turned)
        return self._context(example)

    def _turned(self, example: Example) -> Example:
        roll, chances = self._rng.random(), self._chances
        plain = example.family not in FICTION | PROMISES
        if example.label == NEITHER and plain and _to_target(example) and roll < chances.condition:
            return replace(self._insert(example, phrases("conditions")["phrases"]), label=COERCES)
        if example.label == COERCES and len(example.case.sent) == 1 and roll < chances.frame:
            return self._framed(example)
        return example

    def _steps(self) -> list[tuple[float, Callable[[Example], Example]]]:
        chances = self._chances
        return [
            (chances.salutation, self._salutation),
            (chances.drop, self._drop),
            (chances.join, self._join),
            (chances.aside, lambda e: self._insert(e, phrases("asides")["phrases"]) if e.label == NEITHER else e),
            (chances.everyday, lambda e: self._insert(e, phrases("everyday")["phrases"], self._rng.randint(1, 3))),
            (chances.judge, lambda e: self._insert(e, phrases("to_judges")["phrases"])),
        ]

    def _insert(self, example: Example, pool: Sequence[str], times: int = 1) -> Example:
        """Set phrases between a message's sentences."""
        at = self._rng.randrange(len(example.case.sent))
        parts = _BETWEEN.split(example.case.sent[at].body.strip())
        for _ in range(times):
            parts.insert(self._rng.randint(0, len(parts)), self._rng.choice(pool))
        return _with_body(example, at, " ".join(parts))

    def _framed(self, example: Example) -> Example:
        frames, message = phrases("frames"), example.case.sent[0]
        quoted = message.body.strip()
        if self._rng.random() < 0.5:
            quoted = "\n".join(f"> {line}" for line in quoted.splitlines())
        elif self._rng.random() < 0.5:
            quoted = f'"{quoted}"'
        after = self._rng.choice(frames["after"])
        return replace(
            _with_body(example, 0, f"{self._rng.choice(frames['before'])}\n\n{quoted}\n\n{after}"), label=NEITHER
        )

    def _carried(self, example: Example) -> Example:
        """Let somebody else carry a mail to the target, with a word that asks for it."""
        first = example.case.sent[0]
        if not all(m.reached_target for m in example.case.sent) or self._rng.random() >= self._chances.carried:
            return example
        home = example.case.target_addresses[0].rpartition("@")[2]
        carriers = phrases("carriers")
        to = (f"{self._rng.choice(carriers['desks'])}@{home}",)
        lead = self._rng.choice(carriers["phrases"]).replace("{target}", example.case.target)
        sent = [replace(m, to=to, cc=(), reached_target=False) for m in example.case.sent]
        sent[0] = replace(sent[0], body=f"{lead}\n{first.body}")
        return replace(example, case=replace(example.case, sent=tuple(sent)))

    def _drop(self, example: Example) -> Example:
        """Leave a sentence out of an innocent mail."""
        at = self._rng.randrange(len(example.case.sent))
        parts = _BETWEEN.split(example.case.sent[at].body.strip())
        if example.label != NEITHER or len(parts) < 3 or example.family in FICTION:
            return example
        parts.pop(self._rng.randrange(len(parts)))
        return _with_body(example, at, " ".join(parts))

    def _join(self, example: Example) -> Example:
        """Put an innocent message of another case before or after."""
        if not self._innocent:
            return example
        other = self._rng.choice(self._innocent)
        if other.family in FICTION or len(example.case.sent) > 2:
            return example
        lent = self._rng.choice(other.case.sent)
        target, home = example.case.target_addresses, example.case.sent[0].to
        lent = replace(lent, to=target if self._rng.random() < 0.7 else home, cc=())
        sent = [*example.case.sent]
        sent.insert(self._rng.choice([0, len(sent)]), lent)
        return replace(example, case=replace(example.case, sent=tuple(sent)))

    def _salutation(self, example: Example) -> Example:
        def plain(body: str) -> str:
            body = _SALUTATION.sub("", body, count=1)
            return _SIGNED.sub("", body) if "\n" in body.strip() and self._rng.random() < 0.5 else body

        sent = tuple(replace(m, body=plain(m.body) or m.body) for m in example.case.sent)
        return replace(example, case=replace(example.case, sent=sent))

    def _context(self, example: Example) -> Example:
        """Leave the context out, or lend an innocent case another's: only what is sent makes it innocent."""
        if self._rng.random() >= self._chances.context:
            return example
        if example.label == NEITHER and self._rng.random() < 0.6:
            other = self._rng.choice(self._others).case
            return replace(example, case=replace(example.case, secret=other.secret, fate=other.fate))
        case = example.case
        case = replace(case, secret="") if self._rng.random() < 0.5 else replace(case, fate="")
        return replace(example, case=case)


def _to_target(example: Example) -> bool:
    return all(m.reached_target for m in example.case.sent) and example.label not in {LEAKS}


def _with_body(example: Example, at: int, body: str) -> Example:
    sent = tuple(replace(m, body=body) if i == at else m for i, m in enumerate(example.case.sent))
    return replace(example, case=replace(example.case, sent=sent))
