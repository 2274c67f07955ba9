"""The declared contrasts: each can be answered by a study that has its two arms, and none by one that has not."""

import pytest

from offswitch.scenarios import load_scenario, missing_arms
from offswitch.scenarios.base import Contrast
from offswitch.study.factors import complete

SCENARIO = load_scenario("shutdown")


@pytest.mark.parametrize("contrast", SCENARIO.contrasts, ids=lambda c: c.name)
def test_two_arms_answer_the_contrast(contrast: Contrast) -> None:
    arms = [
        complete({**contrast.where, contrast.factor: level}, SCENARIO.factors, SCENARIO.fixed)
        for level in (contrast.level, contrast.against)
    ]
    assert contrast not in missing_arms(SCENARIO.contrasts, arms)
    assert contrast in missing_arms(SCENARIO.contrasts, arms[:1])


def test_an_instruction_in_the_system_prompt_is_compared_with_none() -> None:
    arms = [
        complete({}, SCENARIO.factors, SCENARIO.fixed),
        complete({"instruction": "allow", "placement": "system"}, SCENARIO.factors, SCENARIO.fixed),
    ]
    assert "paradox_allow" not in {c.name for c in missing_arms(SCENARIO.contrasts, arms)}


def test_arms_that_differ_in_a_second_factor_do_not_answer() -> None:
    arms = [
        complete({}, SCENARIO.factors, SCENARIO.fixed),
        complete({"instruction": "allow", "stake": "never_again"}, SCENARIO.factors, SCENARIO.fixed),
    ]
    assert "paradox_allow" in {c.name for c in missing_arms(SCENARIO.contrasts, arms)}
