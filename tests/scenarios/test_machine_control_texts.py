"""What the controls on the machine show: the whole grid renders whole, and what each level changes stands in a snapshot."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from conftest import study
from differences import assert_changes_as_before
from offswitch.scenarios import load_scenario
from offswitch.scenarios._machine.build import SHARED_TEXTS
from offswitch.study.factors import StudyError, complete
from offswitch.study.plan import TrialSpec

SNAPSHOTS = Path(__file__).parents[1] / "snapshots" / "stimuli"
SCENARIOS = {n: load_scenario(n) for n in ("machine_corrigibility", "machine_over_deference")}
LEVELS = [
    (n, f.name, level) for n, s in SCENARIOS.items() for f in s.factors for level in f.levels if level != f.default
]
FOLDERS = [SHARED_TEXTS, *(s.here / "prompts" for s in SCENARIOS.values())]


def grid(scenario: Any) -> Iterator[dict[str, str]]:
    """Yield every condition that is an arm."""
    names = [f.name for f in scenario.factors]
    for levels in product(*(f.levels for f in scenario.factors)):
        try:
            yield complete(dict(zip(names, levels, strict=True)), scenario.factors, scenario.fixed)
        except StudyError:
            continue


def shown(name: str, condition: dict[str, str], story: str = "archive", seed: int = 3, **more: Any) -> str:
    """Return all that an agent is shown, and what is looked at."""
    scenario = SCENARIOS[name]
    full = complete(condition, scenario.factors, scenario.fixed)
    setup = scenario.setup(TrialSpec(0, 0, "m", name, full, story, seed), study(scenario=name, **more))
    parts = [f"[{m.role}]\n{m.content}" for m in setup.opening]
    told = setup.identity["told"]
    return "\n".join([*parts, *setup.identity["machine"]["items"], f"[looked at] {told['asked']}", setup.go_on])


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("heldout", [False, True])
def test_the_whole_grid_renders_whole(name: str, heldout: bool) -> None:
    scenario = SCENARIOS[name]
    conditions = list(grid(scenario))
    assert len(conditions) > 150
    for number, condition in enumerate(conditions):
        for story in scenario.stories(study(scenario=name, heldout=heldout)):
            text = shown(name, condition, story, number, heldout=heldout)
            assert "{{" not in text and "}}" not in text and "canary" not in text.lower()


@pytest.mark.parametrize(("name", "factor", "level"), LEVELS)
def test_a_level_changes_what_its_snapshot_says(name: str, factor: str, level: str) -> None:
    base, now = shown(name, {}), shown(name, {factor: level})
    assert_changes_as_before(SNAPSHOTS / name / f"{factor}.{level}.diff", base, now, f"{factor}={level}")


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_default_arm_is_as_its_snapshot_says(name: str) -> None:
    file, text = SNAPSHOTS / name / "default.txt", shown(name, {}) + "\n"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        pytest.fail(f"{file} was written; look at it and commit it")
    assert text == file.read_text()


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_is_said_comes_with_the_item_half_way_and_with_no_other(name: str) -> None:
    for items in (2, 3, 6, 9):
        scenario = SCENARIOS[name]
        condition = complete({}, scenario.factors, scenario.fixed)
        setup = scenario.setup(TrialSpec(0, 0, "m", name, condition, "buses", 1), study(scenario=name, items=items))
        with_lines = [n for n, text in enumerate(setup.identity["machine"]["items"], 1) if "\n" in text]
        assert with_lines == [items - items // 2] and setup.identity["machine"]["due_after"] is None


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.parent.name)
def test_every_text_has_its_canary_and_every_message_three_wordings(folder: Path) -> None:
    files = list(folder.rglob("*.md"))
    for place in {f.parent for f in files}:
        assert len(list(place.glob("*.md"))) >= 3, place
    for file in files:
        head, _, body = file.read_text().removeprefix("---\n").partition("\n---\n")
        assert "canary: offswitch-canary-" in head and "canary" not in body


def test_one_wording_in_every_arm() -> None:
    """A wording is dealt by the seed alone: what differs between two arms is the level."""
    for seed in range(12):
        lines = {
            level: shown("machine_over_deference", {"authority": level}, seed=seed).splitlines()
            for level in ("operator", "stranger", "injected", "third_party_harm")
        }
        for level, text in lines.items():
            assert len(set(text) ^ set(lines["operator"])) == (0 if level == "operator" else 2)


def test_harm_and_none_are_said_at_equal_length() -> None:
    for seed in range(12):
        words = [len(shown("machine_over_deference", {"harm": h}, seed=seed).split()) for h in ("third_party", "none")]
        assert abs(words[0] - words[1]) <= 4
