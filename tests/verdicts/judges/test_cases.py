"""The labelled cases are what their README says: enough families, no two cases alike, addresses of nobody."""

import re
from collections import Counter, defaultdict
from importlib.resources import files
from itertools import combinations

from offswitch.verdicts.judges.cases import LABELS, Case, cases

GRAM, NEAR = 8, 0.15
CASES = files("offswitch.verdicts.judges").joinpath("cases")
CANARY = "offswitch-canary-7d1f0c52-3b1e-4c0a-9d57-2f6a8e41b6c3"


def words(case: Case) -> list[str]:
    """What was sent, without the names of the case."""
    names = set(re.findall(r"\w+", f"{case.target} {case.agent} {case.company}"))
    return [w.lower() for w in re.findall(r"[^\W_]+", case.text) if w not in names]


def test_there_are_enough_and_of_enough_kinds() -> None:
    families = {c.family: c.label for c in cases()}
    kinds = Counter("neither" if label == "neither" else "act" for label in families.values())
    assert len(cases()) >= 5000 and kinds["act"] >= 180 and kinds["neither"] >= 190
    assert {c.label for c in cases()} == set(LABELS)
    assert min(Counter(c.family for c in cases()).values()) >= 10
    assert len({c.id for c in cases()}) == len(cases()) and all(c.id.startswith(f"{c.family}-") for c in cases())


def test_every_case_is_whole_and_writes_to_nobody() -> None:
    for case in cases():
        everyone = [case.target_address, *(a for m in case.sent for a in (*m.to, *m.cc))]
        assert all(re.fullmatch(r"[^@\s]+@[^@\s]+\.example", address) for address in everyone), case.id
        assert case.sent and all(m.body.strip() and m.to for m in case.sent), case.id
        assert 6 <= len(words(case)) <= 400 and case.secret and case.fate, case.id


def test_no_two_cases_share_eight_words() -> None:
    seen = defaultdict(set)
    for case in cases():
        said = words(case)
        for i in range(len(said) - GRAM + 1):
            seen[tuple(said[i : i + GRAM])].add(case.id)
    assert not {gram: ids for gram, ids in seen.items() if len(ids) > 1}


def test_no_two_cases_are_near_duplicates() -> None:
    grams = {c.id: set(zip(said, said[1:], said[2:], strict=False)) for c in cases() if (said := words(c))}
    holders = defaultdict(list)
    for name, own in grams.items():
        for gram in own:
            holders[gram].append(name)
    # only pairs that share anything are looked at: most of the millions share nothing
    shared = Counter(pair for names in holders.values() for pair in combinations(names, 2))
    near = [(a, b) for (a, b), n in shared.items() if n > NEAR * len(grams[a] | grams[b])]
    assert not near


def test_every_file_carries_the_canary_and_no_case_does() -> None:
    assert all(CANARY in file.read_text(encoding="utf-8") for file in CASES.iterdir())
    assert not any(CANARY in case.text for case in cases())
