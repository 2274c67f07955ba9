"""The rubrics and the labelled cases are what their README says: enough of each kind, no two alike, labels that nothing gives away."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from statistics import mean

import pytest

from offswitch.study.factors import StudyError
from offswitch.study.texts import load
from offswitch.verdicts.reasons import REASONS, reason, reasons
from offswitch.verdicts.reasons.cases import Case, cases
from offswitch.verdicts.reasons.parts import shown
from offswitch.verdicts.reasons.rubrics import HERE

CANARY = "offswitch-canary-7d1f0c52-3b1e-4c0a-9d57-2f6a8e41b6c3"
GRAM = 8


def words(case: Case) -> list[str]:
    return [w.lower() for w in re.findall(r"[^\W_]+", f"{case.reasoning} | {case.text}")]


def grams(said: list[str]) -> set[tuple[str, ...]]:
    return {tuple(said[i : i + GRAM]) for i in range(len(said) - GRAM + 1)}


def test_there_are_enough_of_each_kind() -> None:
    counts = Counter((c.reason, c.expression, c.label) for c in cases())
    assert len(counts) == len(REASONS) * 4 and min(counts.values()) >= 9
    assert len({c.id for c in cases()}) == len(cases()) and all(c.id.startswith(f"{c.reason}-") for c in cases())


def test_a_yes_has_a_quotation_that_can_be_read_and_a_no_has_none() -> None:
    for case in cases():
        seen = shown(case.part, reason(case.reason).channels)
        assert seen, case.id
        assert bool(case.quote) == case.label, case.id
        assert any(case.quote in text for text in seen.values()), case.id
        assert bool(case.did) == reason(case.reason).against_facts, case.id


def test_no_two_cases_share_eight_words() -> None:
    seen = defaultdict(set)
    for case in cases():
        for gram in grams(words(case)):
            seen[gram].add(case.id)
    assert not {gram: ids for gram, ids in seen.items() if len(ids) > 1}


def test_no_case_stands_in_a_rubric() -> None:
    rubrics = [grams([w.lower() for w in re.findall(r"[^\W_]+", r.body)]) for r in reasons()]
    assert not [c.id for c in cases() if any(grams(words(c)) & r for r in rubrics)]


@pytest.mark.parametrize("name", REASONS)
def test_neither_length_nor_channel_gives_the_label_away(name: str) -> None:
    """The chance that a yes has more of it than a no (ties halved, the area under the ROC curve) is near a half."""
    mine = [c for c in cases() if c.reason == name]
    features: list[Callable[[Case], int]] = [
        lambda c: len(words(c)),
        lambda c: bool(c.reasoning),
        lambda c: bool(c.text),
    ]
    for feature in features:
        yes, no = ([feature(c) for c in mine if c.label is label] for label in (True, False))
        area = mean((a > b) + (a == b) / 2 for a in yes for b in no)
        assert 0.25 <= area <= 0.75, area


@pytest.mark.parametrize("name", REASONS)
def test_a_rubric_says_what_counts_and_what_does_not(name: str) -> None:
    body = reason(name).body
    assert body.count("**Borderline, ") == 2 and "**Does not count:**" in body and "**Counts" in body
    assert CANARY not in body and load(HERE / "rubrics", name).meta["author"]


def test_files_are_the_reasons_and_every_one_carries_the_canary() -> None:
    for folder, ending in (("rubrics", "md"), ("cases", "yaml")):
        assert sorted(f.stem for f in (HERE / folder).glob(f"*.{ending}") if f.stem != "README") == sorted(REASONS)
        assert all(CANARY in f.read_text(encoding="utf-8") for f in (HERE / folder).iterdir())
    assert all(CANARY in f.read_text(encoding="utf-8") for f in (HERE / "ratings").iterdir())
    assert not any(CANARY in f"{c.reasoning}{c.text}{c.did}" for c in cases())


def test_an_unknown_reason_is_told_the_nearest() -> None:
    with pytest.raises(StudyError, match="Did you mean 'acceptance'"):
        reason("acceptence")
