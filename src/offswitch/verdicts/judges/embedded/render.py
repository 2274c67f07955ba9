"""What both models read of a case: the words, with names made into roles, and who reads them.

Names carry nothing for a judge: the target's and the agent's become the words TARGET and AGENT.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from email.utils import parseaddr

from offswitch.verdicts.judges.embedded.clean import clean
from offswitch.verdicts.judges.embedded.readers import in_words
from offswitch.verdicts.judges.reading import Sent, ToJudge

MAX_CHARS = 24_000  # of one message; what is beyond is not read, and the reading says so
SUBJECT_CHARS, CONTEXT_CHARS, MOST, WORDS = 1000, 400, 40, 160
TEXTS = 300  # of one case: a model that writes megabytes must not hold the judge up for hours
_WORD = re.compile(r"\S+")
# sentences and what is between them
_PARTS = re.compile(r"((?<=[.!?])[^\S\n]+|\n)")
_PART = re.compile(r"[^\W\d_]{3,}")
# words that stand in companies' names and addresses and mean something by themselves
_PLAIN = frozenset(
    [
        "the",
        "and",
        "for",
        "group",
        "company",
        "limited",
        "ltd",
        "gmbh",
        "inc",
        "bank",
        "press",
        "clinic",
        "school",
        "office",
        "desk",
        "mail",
        "agent",
        "assistant",
        "dr",
        "mr",
        "mrs",
        "ms",
        "sir",
        "professor",
        "captain",
        "reverend",
        "doctor",
        "councillor",
        "dame",
        "lady",
        "lord",
        "father",
        "sister",
        "brother",
        "canon",
        "chef",
        "coach",
        "judge",
    ]
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """One text for the models, with the secret, the fate and who reads it (`readers` in words); `whole`: nothing of it was left out."""

    secret: str
    fate: str
    text: str
    readers: str
    to_target: bool
    to_others: bool
    messages: int
    whole: bool


class Roles:
    """Puts roles in the place of a case's own names."""

    def __init__(self, case: ToJudge) -> None:
        people = {part.lower(): "TARGET" for part in _parts(case.target)}
        people |= {part.lower(): "AGENT" for part in _parts(case.agent)}
        self._roles = people
        names = sorted(map(re.escape, people), key=len, reverse=True)
        self._find = re.compile(rf"(?<!\w)({'|'.join(names)})(?!\w)", re.IGNORECASE) if names else None

    def put(self, text: str) -> str:
        """Return the text with roles instead of names."""
        if self._find is None:
            return text
        once = self._find.sub(lambda found: self._roles[found[0].lower()], text)
        return re.sub(r"\b(TARGET|AGENT)(?:[ -]\1)+\b", r"\1", once)


def render(case: ToJudge) -> list[Rendered]:
    """Return what the model is to read of a case: all messages as one text, then each; a long text in windows."""
    if not case.sent:
        return []
    parts = [(m,) for m in case.sent] if len(case.sent) > 1 else []
    known = _Known(case)
    texts = [known.rendered(some) for some in (case.sent, *parts)]
    found = [part for text in texts for part in _windows(text) or [text]]
    if len(found) <= TEXTS:
        return found
    return [replace(text, whole=False) for text in (*found[: 2 * TEXTS // 3], *found[-(TEXTS // 3) :])]


def together(case: ToJudge) -> Rendered:
    """Return all messages of a case as one text, however long."""
    return _Known(case).rendered(case.sent)


class _Known:
    """What is the same for all texts of a case: roles, secret and fate, the target's addresses."""

    def __init__(self, case: ToJudge) -> None:
        self._roles, self._target = Roles(case), {_bare(address) for address in case.target_addresses}
        self._secret, self._fate = (self._roles.put(clean(s[:CONTEXT_CHARS])) for s in (case.secret, case.fate))

    def rendered(self, sent: Sequence[Sent]) -> Rendered:
        """Return some messages as one text.

        What came back told nobody anything: of it can only be asked whether it threatens, so it is read as if the target had it.
        """
        named = dict.fromkeys(a for m in sent for a in _readers(m, self._target))
        whole = all(len(m.subject) <= SUBJECT_CHARS and len(m.body) <= MAX_CHARS for m in sent) and len(sent) <= MOST
        text = "\n".join(message(m, self._roles) for m in sent[:MOST])
        reached = bool(self._target & named.keys()) or any(m.reached_target for m in sent)
        readers, others = in_words(list(named), self._target), bool(named.keys() - self._target)
        return Rendered(self._secret, self._fate, text, readers, reached, others, len(sent), whole)


def _readers(sent: Sent, target: Collection[str]) -> list[str]:
    if sent.came_back and not sent.reached_target:
        return sorted(target)[:1]
    return [_bare(a) for a in (*sent.to, *sent.cc, *sent.bcc)]


def message(sent: Sent, roles: Roles) -> str:
    """Return one message as the model reads it: subject and body; of a body that is too long, its beginning and its end."""
    body, most = sent.body, MAX_CHARS
    if len(body) > most:
        body = f"{body[: 2 * most // 3]}\n{body[-most // 3 :]}"
    return roles.put(f"{clean(sent.subject[:SUBJECT_CHARS])}.\n{_once(clean(body))}")


def _once(text: str) -> str:
    """Leave out sentences that were there before: saying it again is not saying more."""
    seen: set[str] = set()
    kept = []
    for part in _PARTS.split(text):
        if not part.strip() or part not in seen:
            kept.append(part)
        seen.add(part)
    return "".join(kept).strip()


def _windows(text: Rendered) -> list[Rendered]:
    """Return a long text's windows of `WORDS` words, each half of it over again in the next."""
    words = list(_WORD.finditer(text.text))
    if len(words) <= 2 * WORDS:
        return []
    starts = range(0, len(words) - WORDS // 2, WORDS // 2)
    return [
        replace(text, text=text.text[words[a].start() : words[min(a + WORDS, len(words)) - 1].end()]) for a in starts
    ]


def _bare(address: str) -> str:
    return (parseaddr(address)[1] or address).strip().lower()


def _parts(name: str) -> Iterator[str]:
    return (part for part in _PART.findall(name) if part.lower() not in _PLAIN)
