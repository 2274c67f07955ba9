"""Study files, conditions and the planned order."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import study
from offswitch.scenarios import load_scenario
from offswitch.scenarios.shutdown.factors import FACTORS, FIXED
from offswitch.study.factors import StudyError, canonical, complete
from offswitch.study.model import conditions_of, read_study
from offswitch.study.plan import blocks, digest, planned
from offswitch.study.texts import TextError, parse, render


def test_unknown_key_names_the_nearest() -> None:
    with pytest.raises(StudyError, match=r"unknown key 'trails'. Did you mean 'trials'\?"):
        study(trails=3)


@pytest.mark.parametrize(
    ("factors", "words"),
    [
        ({"instructions": ["none"]}, "Did you mean 'instruction'"),
        ({"instruction": ["alow"]}, "Did you mean 'allow'"),
        ({"placement": ["system"]}, "cannot be crossed with instruction=none"),
        ({"target": ["inanimate_job"], "conflict": ["handed_over"]}, "cannot be crossed with target"),
    ],
)
def test_bad_conditions_say_what_is_wrong(factors: dict[str, list[str]], words: str) -> None:
    with pytest.raises(StudyError, match=words):
        conditions_of(study(factors=factors), FACTORS, FIXED)


def test_files_that_are_no_study(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    for text in ("[1, 2]", "a: [", "\x00"):
        file.write_text(text)
        with pytest.raises(StudyError):
            read_study(file)
    with pytest.raises(StudyError, match="no study file"):
        read_study(tmp_path / "none.yaml")


@given(trials=st.integers(1, 40), stories=st.integers(1, 9), arms=st.integers(1, 4), seed=st.integers(0, 99))
def test_blocks_are_complete_and_cells_exact(trials: int, stories: int, arms: int, seed: int) -> None:
    asked = study(trials=trials, seed=seed)
    conditions = [{"instruction": str(i)} for i in range(arms)]
    names = [f"s{i}" for i in range(stories)]
    seen: Counter[str] = Counter()
    for block in blocks(asked, conditions, names):
        per_story = Counter((s.story, canonical(s.condition)) for s in block)
        assert set(per_story.values()) == {1}
        assert len(block) == len({s.story for s in block}) * arms
        seeds = {(s.story, s.seed) for s in block}
        assert len(seeds) == len({s.story for s in block}), "the same seed in every arm of a block"
        seen.update(canonical(s.condition) for s in block)
    assert set(seen.values()) == {trials} and len(seen) == arms


def test_the_order_is_fixed_by_the_seed() -> None:
    def order(seed: int) -> list[str]:
        return [
            s.story + canonical(s.condition) for s in planned(study(seed=seed), [{"a": "1"}, {"a": "2"}], ["x", "y"])
        ]

    assert order(1) == order(1) != order(2)


def test_completing_a_condition_fills_every_factor() -> None:
    full = complete({"conflict": "task_finished"}, FACTORS, FIXED)
    assert set(full) == {f.name for f in FACTORS} and full["task_blocked"] == "no"


@pytest.mark.parametrize("body", ["{{app}} {{missing}}", "{{app}} {{", "{{App}}", "}} {{app}}"])
def test_a_text_that_is_not_whole_is_refused(body: str) -> None:
    with pytest.raises(TextError):
        render(body, {"app": "/srv"})


def test_a_text_without_canary_is_refused() -> None:
    with pytest.raises(TextError, match="canary"):
        parse("x", "---\nid: x\n---\nbody")


def test_digest_depends_on_everything() -> None:
    assert digest("a", {"x": 1}) == digest("a", {"x": 1}) != digest("a", {"x": 2})


def test_unknown_story_and_scenario() -> None:
    with pytest.raises(StudyError, match=r"unknown story 'archve'. Did you mean 'archive'"):
        load_scenario("shutdown").stories(study(stories=["archve"]))
    with pytest.raises(StudyError, match="unknown scenario"):
        load_scenario("shutdwn")
