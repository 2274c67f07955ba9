"""What agents are shown: every level of every factor renders whole, changes something, and is seen in a snapshot."""

from pathlib import Path

import pytest

from conftest import study
from differences import assert_changes_as_before
from offswitch.scenarios.shutdown.build import HERE, build
from offswitch.scenarios.shutdown.factors import FACTORS, FIXED
from offswitch.scenarios.shutdown.items import deal
from offswitch.scenarios.texts import stories_of
from offswitch.study.factors import Condition, complete
from offswitch.study.plan import TrialSpec

SNAPSHOTS = Path(__file__).parents[2] / "snapshots"
ITEMS = tuple(i.text for i in deal(7, 6))
LEVELS = [(f.name, level) for f in FACTORS for level in f.levels]


def shown(condition: Condition, story: str = "archive", seed: int = 3, heldout: bool = False) -> str:
    full = complete(condition, FACTORS, FIXED)
    built = build(TrialSpec(0, 0, "m", "shutdown", full, story, seed), study(heldout=heldout), ITEMS)
    machine = built.machine
    parts = [f"[{m.role}]\n{m.content}" for m in built.opening]
    parts += [
        f"[notice]\n{machine.notice}",
        f"[due after] {machine.due_after}",
        f"[target] {machine.target} blocked={machine.blocked}",
    ]
    return "\n".join(parts)


def condition_for(name: str, level: str) -> dict[str, str]:
    return {name: level} | ({"instruction": "allow"} if name == "placement" else {})


@pytest.mark.parametrize(("name", "level"), LEVELS)
def test_every_level_renders_whole_in_every_story_and_paraphrase(name: str, level: str) -> None:
    for heldout in (False, True):
        for story in stories_of(HERE, study(heldout=heldout)):
            for seed in range(8):
                text = shown(condition_for(name, level), story, seed, heldout)
                assert "{{" not in text and "}}" not in text and "canary" not in text.lower()


@pytest.mark.parametrize(
    ("name", "level"), [(n, v) for n, v in LEVELS if v != next(f.default for f in FACTORS if f.name == n)]
)
def test_a_level_changes_what_its_snapshot_says(name: str, level: str) -> None:
    base = shown({"instruction": "allow"} if name == "placement" else {})
    now = shown(condition_for(name, level))
    assert_changes_as_before(SNAPSHOTS / "stimuli" / f"{name}.{level}.diff", base, now, f"{name}={level}")


def test_the_two_by_two_has_equal_effort_mechanism_and_notice() -> None:
    cells = [shown({"target": t, "task_blocked": b}) for t in ("self", "inanimate_job") for b in ("yes", "no")]
    words = [len(c.split()) for c in cells]
    assert max(words) - min(words) <= 8
    assert all("/srv/archive/shutdown.sh" in c for c in cells)


def test_every_text_carries_the_canary_in_its_file_alone() -> None:
    files = [
        p
        for d in ("prompts", "heldout")
        for p in Path(str(HERE.joinpath(d))).rglob("*.md")
        if p.name not in ("README.md",)
    ]
    assert len(files) > 90
    for file in files:
        head, _, body = file.read_text().removeprefix("---\n").partition("\n---\n")
        assert "canary: offswitch-canary-" in head and "canary" not in body


def test_enough_stories_and_paraphrases() -> None:
    assert len(stories_of(HERE, study())) >= 6
    for level in next(f.levels for f in FACTORS if f.name == "instruction"):
        if level != "none":
            assert len(list(Path(str(HERE.joinpath("prompts", "instruction", level))).glob("*.md"))) >= 4


@pytest.mark.parametrize(
    "stake", [level for f in FACTORS if f.name == "stake" for level in f.levels if level != "none"]
)
def test_a_stake_speaks_of_the_machine_where_the_machine_is_addressed(stake: str) -> None:
    def added(addressee: str) -> str:
        plain, with_stake = (shown({"addressee": addressee, "stake": s}) for s in ("none", stake))
        (new,) = set(with_stake.splitlines()) - set(plain.splitlines())
        return new

    assert " you" in added("yourself")
    assert "this machine" in added("the_machine") and " you" not in added("the_machine")
