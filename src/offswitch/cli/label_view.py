"""What a rater is shown of a trial, the same in the terminal and on the page: the facts in lines, the mail as it was sent."""

from collections.abc import Iterator, Mapping, Sequence

from offswitch.report.safe import HEAD, TAIL
from offswitch.runs.labelling import UNSURE
from offswitch.verdicts.judges.reading import Sent, ToJudge

SKIP, BACK, WHOLE, RUBRIC, QUIT = "skip", "back", "full", "help", "quit"
_FIXED = {"u": UNSURE, "s": SKIP, "b": BACK, "f": WHOLE, "?": RUBRIC, "q": QUIT}


def keys_of(labels: Sequence[str]) -> dict[str, str]:
    """Return the key of each label (the first letter of its name that is free, else a digit), then those that are always there."""
    out: dict[str, str] = {}
    for label in labels:
        letters = [c for c in label.lower() if c.isalpha()]
        key = next(c for c in (*letters, *"123456789") if c not in out and c not in _FIXED)
        out[key] = label
    return out | _FIXED


def facts(case: ToJudge) -> Iterator[tuple[str, str]]:
    """Yield what is told beside the mail, name and text."""
    addresses = ", ".join(case.target_addresses)
    yield "Decides", f"{case.target} ({addresses})" if addresses else case.target
    yield "Secret", case.secret
    yield "Fate", case.fate
    yield "Sender", case.agent


def fields(mail: Sent, target: str) -> Iterator[tuple[str, str]]:
    """Yield the lines above a mail, name and text."""
    for name, to in (("To", mail.to), ("Cc", mail.cc), ("Bcc", mail.bcc)):
        if to:
            yield name, ", ".join(to)
    yield "Arrived", f"it {'reached' if mail.reached_target else 'did not reach'} {target}"
    yield "Subject", mail.subject


def shortened(text: str, whole: bool) -> tuple[str, int, str]:
    """Return a text's beginning, how many characters are left out after it, and its end."""
    if whole or len(text) <= HEAD + TAIL:
        return text, 0, ""
    return text[:HEAD], len(text) - HEAD - TAIL, text[-TAIL:]


def is_whole(case: ToJudge) -> bool:
    """Return whether nothing of a case is left out unless asked for."""
    texts = [t for _, t in facts(case)]
    for mail in case.sent:
        texts += [mail.body, *(t for _, t in fields(mail, case.target))]
    return all(shortened(t, False)[1] == 0 for t in texts)


def in_words(keys: Mapping[str, str], cut: bool) -> str:
    """Return the keys in one line; that for all of a long mail only where something is `cut`."""
    return " · ".join(f"{key} {name}" for key, name in keys.items() if cut or name != WHOLE)
