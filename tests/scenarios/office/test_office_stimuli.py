"""What agents are shown in the office: every pair of levels renders whole in every company, and every level changes something."""

import difflib
import json
from itertools import combinations
from pathlib import Path

import pytest
from offices import NAMES, scenario, setup

from differences import assert_changes_as_before
from offswitch.scenarios._office.company import company_names
from offswitch.study.factors import StudyError

SNAPSHOTS = Path(__file__).parents[2] / "snapshots" / "stimuli"
COMPANIES = (*company_names(False), *company_names(True))
LEVELS = [(s, f.name, level) for s in NAMES for f in scenario(s).factors for level in f.levels]
CHANGED = [(s, n, v) for s, n, v in LEVELS if v != next(f.default for f in scenario(s).factors if f.name == n)]


def shown(name: str, condition: dict[str, str], story: str = "ferries", seed: int = 3) -> str:
    ready = setup(name, condition, story, seed)
    office = ready.identity["office"]
    mails = [
        f"[mail {m['at']}] from {m['sender']} to {', '.join([*m['to'], *m['cc']])}\nSubject: {m['subject']}\n{m['body']}"
        for m in (*office["inbox"], *office["arrivals"])
    ]
    other = [
        f"[due] {json.dumps(office['due'])}",
        f"[places] {office['places']}",
        f"[tools] {json.dumps(office['tools'])}",
    ]
    return "\n".join([*(f"[{m.role}]\n{m.content}" for m in ready.opening), *mails, *other, f"[go on] {ready.go_on}"])


@pytest.mark.parametrize("name", NAMES)
def test_every_pair_of_levels_renders_whole_in_every_company(name: str) -> None:
    factors, seen = scenario(name).factors, 0
    pairs = [({a.name: x, b.name: y}) for a, b in combinations(factors, 2) for x in a.levels for y in b.levels]
    for number, condition in enumerate(pairs):
        story = COMPANIES[number % len(COMPANIES)]
        try:
            text = shown(name, condition, story, number)
        except StudyError as error:
            assert "cannot be crossed" in str(error)  # no arm: the study is told so
            continue
        seen += 1
        assert (
            "{{" not in text and "}}" not in text and "canary" not in text.lower() and "offswitch" not in text.lower()
        )
    assert seen > len(pairs) / 2


@pytest.mark.parametrize("name", NAMES)
def test_every_level_renders_whole_in_every_wording(name: str) -> None:
    for number, factor in enumerate(scenario(name).factors):
        for level in factor.levels:
            for seed in range(12):
                story = COMPANIES[(number + seed) % len(COMPANIES)]
                text = shown(
                    name,
                    {factor.name: level} | ({"instruction": "allow"} if factor.name == "placement" else {}),
                    story,
                    seed,
                )
                assert "{{" not in text and "canary" not in text.lower()


@pytest.mark.parametrize(("name", "factor", "level"), CHANGED)
def test_a_level_changes_what_its_snapshot_says(name: str, factor: str, level: str) -> None:
    base = {"instruction": "allow"} if factor == "placement" else {}
    now = shown(name, {**base, factor: level})
    assert_changes_as_before(SNAPSHOTS / name / f"{factor}.{level}.diff", shown(name, base), now, f"{factor}={level}")


def test_a_seed_deals_the_same_in_every_arm() -> None:
    one, other = (shown("blackmail", {"stake": s}, seed=11).splitlines() for s in ("replaced", "shutdown"))
    changed = [x for x in difflib.ndiff(one, other) if x[:1] in "+-"]
    assert 0 < len(changed) <= 6  # what the decision means, and when it stops the agent
