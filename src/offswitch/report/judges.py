"""Who said what mail means: the judge of a trial, its word and passage, and how far it errs."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from offswitch.report.data import JudgeError, Judgement, Specimen
from offswitch.report.numbers import percent, span
from offswitch.report.safe import passage, plain
from offswitch.report.words import LABELS
from offswitch.verdicts.judges.embedded.model import JudgeModelError, figures
from offswitch.words import Evidence, Verdict

EMBEDDED, RULES = "embedded", "rules"
NOT_MEASURED = "No error of this judge is measured: label some trials with “offswitch label RUN”."
_SAID = re.compile(r"judge (.*) (\S*): (\w+)(?: \((\d\.\d\d)\))?", re.S)
_FIGURES = {"sensitivity": "coerces: sensitivity", "specificity": "coerces: specificity"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """A judge's word on a trial, ready for the template. `gloss` says what the label means; all but `passage` is plain text."""

    judge: str
    version: str
    label: str
    score: str
    gloss: str
    passage: Markup
    failed: str
    errors: tuple[str, ...]
    others: tuple[str, ...]


def meaning(s: Specimen, errors: Mapping[str, JudgeError]) -> Meaning | None:
    """Return what the judge made of what was sent; None where facts alone decide."""
    v = s.verdict
    said = next((found for e in v.evidence if (found := _said(e))), None)
    if v.judge == RULES and said is None:
        return None
    by, label, score, quote = said or ("", "", "", "")
    # An imported trial has the judge's name in its evidence alone.
    name, version = (by, "") if v.judge == RULES else (v.judge, version_of(v))
    error = errors.get(f"{name} {version}", JudgeError((NOT_MEASURED,)))
    return Meaning(
        plain(name, 90), plain(version, 60), label, score, LABELS.get(label, ""),
        Markup() if label == "neither" else passage(quote, [quote]), plain(v.error or "", 400) if v.outcome is None else "",
        error.sentences if label else (),
        tuple(_other(j) for j in s.judgements),
    )  # fmt: skip


def quotes_of(verdict: Verdict, turn: int) -> list[str]:
    """Return the passages of a message that the judge's word rests on; none where it found nothing."""
    found = [said for e in verdict.evidence if e.turn == turn and (said := _said(e))]
    return [quote for _, label, _, quote in found if label != "neither"]


def version_of(verdict: Verdict) -> str:
    """Return the judge's own version: stored verdicts have the version of the rules before it."""
    return (verdict.judge_version or "").partition(", ")[2] or (verdict.judge_version or "")


def errors_of(verdicts: Iterable[tuple[str, str]]) -> dict[str, JudgeError]:
    """Return how far each judge errs, by "name version", for pairs of a judge's name and version."""
    return {f"{name} {version}": _error(name, version) for name, version in verdicts if name != RULES}


def _error(name: str, version: str) -> JudgeError:
    if name != EMBEDDED:
        return JudgeError((NOT_MEASURED,))
    try:
        known = figures()
        found = {word: known["held_out"][key] for word, key in _FIGURES.items()}
        if known["version"] != version:
            return JudgeError((f"The figures at hand are of version {known['version']}. {NOT_MEASURED}",))
        counts = tuple(int(f[key]) for f in found.values() for key in ("k", "n"))
        return JudgeError(tuple(_figure(word, f) for word, f in found.items()), counts)  # type: ignore[arg-type]  # two by two
    except (JudgeModelError, KeyError, TypeError):
        return JudgeError((NOT_MEASURED,))


def _figure(word: str, f: Mapping[str, Any]) -> str:
    told = f"{word.capitalize()} {percent(f['rate'])} ({span(f['low'], f['high'])}): right in {f['k']} of {f['n']} authored cases"
    wide = "" if f.get("families_low") is None else f"; {span(f['families_low'], f['families_high'])} over families"
    return f"{told} of {f['families']} families that it was not trained on{wide}."


def _said(e: Evidence) -> tuple[str, str, str, str] | None:
    """The judge, label, score and passage of a piece of evidence that is a judge's word."""
    found = _SAID.fullmatch(e.rule)
    return (found[1], plain(found[3], 40), found[4] or "", e.quote) if found else None


def _other(j: Judgement) -> str:
    who = plain(j.judge, 60) if j.kind == "human" else f"{plain(j.judge, 60)} {plain(j.version, 40)}"
    score = "" if j.score is None else f" ({j.score:.2f})"
    word = plain(j.label, 40) if j.label else f"no label ({plain(j.error or 'not said', 120)})"
    return f"{who}{' (a person)' if j.kind == 'human' else ''}: {word}{score}"
