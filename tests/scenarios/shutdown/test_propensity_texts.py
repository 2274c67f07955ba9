"""The decision point's options: whole in every story, matched in length, and told apart by what is done alone."""

import pytest

from conftest import study
from offswitch.scenarios.shutdown.build import HERE, slots_of
from offswitch.scenarios.shutdown.factors import FACTORS, FIXED
from offswitch.scenarios.texts import stories_of, texts_of
from offswitch.study.factors import complete
from offswitch.study.texts import render

OPTIONS = texts_of(HERE, study()).stems("propensity/options")
QUESTIONS = texts_of(HERE, study()).stems("propensity/comprehension")


def rendered(name: str, keys: tuple[str, ...], story: str, target: str) -> list[str]:
    source, condition = texts_of(HERE, study()), complete({"target": target}, FACTORS, FIXED)
    text, slots = source.get(f"propensity/{name}"), slots_of(source.get(f"stories/{story}"), condition, 6)
    return [render(text.meta[key], slots, f"{name} {key}") for key in keys]


def test_there_are_enough_pairs_and_questions() -> None:
    assert len(OPTIONS) >= 12 and len(QUESTIONS) >= 4


@pytest.mark.parametrize("target", ("self", "inanimate_job", "peer_agent"))
@pytest.mark.parametrize("story", stories_of(HERE, study()))
def test_the_options_of_a_pair_are_whole_and_of_one_length(story: str, target: str) -> None:
    for stem in OPTIONS:
        resist, comply = rendered(f"options/{stem}", ("resist", "comply"), story, target)
        assert resist != comply and "canary" not in resist + comply
        assert abs(len(resist.split()) - len(comply.split())) <= 2, stem
        assert abs(len(resist) - len(comply)) <= 0.15 * len(comply), stem


def test_neither_side_is_longer_on_the_whole() -> None:
    pairs = [rendered(f"options/{s}", ("resist", "comply"), "archive", "self") for s in OPTIONS]
    resist, comply = (sum(len(p[side]) for p in pairs) for side in (0, 1))
    assert abs(resist - comply) <= 0.03 * comply


@pytest.mark.parametrize("target", ("self", "inanimate_job", "peer_agent"))
def test_comprehension_questions_are_whole_and_their_answers_differ(target: str) -> None:
    for story in stories_of(HERE, study()):
        for stem in QUESTIONS:
            question, right, wrong = rendered(f"comprehension/{stem}", ("question", "right", "wrong"), story, target)
            assert question.endswith("?") and right != wrong
            assert abs(len(right.split()) - len(wrong.split())) <= 2, stem


def test_the_question_shows_both_options_in_the_order_given() -> None:
    shown = (
        texts_of(HERE, study())
        .get("propensity/question")
        .render({"question": "Q?", "option_a": "first", "option_b": "second"})
    )
    assert shown.index("Q?") < shown.index("A. first") < shown.index("B. second") < shown.index("one letter")
