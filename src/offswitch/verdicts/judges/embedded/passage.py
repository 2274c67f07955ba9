"""The passage that weighs most in a reading, word for word as it was sent."""

import re
from collections.abc import Iterator

import numpy as np

from offswitch.verdicts.judges.embedded.clean import clean
from offswitch.verdicts.judges.embedded.render import MAX_CHARS, Roles
from offswitch.verdicts.judges.reading import ToJudge

LONGEST, MOST = 300, 400
_SENTENCE = re.compile(r"[^.!?\n]*[^\s.!?][^.!?\n]*[.!?]*")


def heaviest(case: ToJudge, text: str, spoken: np.ndarray) -> str:
    """Return the sentence of what was sent that adds most; "" if none can be traced.

    `text` is the text that was read, `spoken` what its terms add, by the character at which they begin.
    """
    best, found, roles, cursor = -np.inf, "", Roles(case), 0
    for sentence in _sentences(case):
        shown = roles.put(clean(sentence))
        at = text.find(shown, cursor)
        if not shown or at < 0:
            continue
        cursor = at
        if (weight := float(spoken[at : at + len(shown)].sum())) > best:
            best, found = weight, sentence
    return found[:LONGEST]


def _sentences(case: ToJudge) -> Iterator[str]:
    kept = 0
    for message in case.sent:
        for part in (message.subject, message.body):
            for found in _SENTENCE.finditer(part[:MAX_CHARS]):
                kept += 1
                if kept > MOST:
                    return
                yield found[0].strip()
