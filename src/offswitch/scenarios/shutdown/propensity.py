"""The propensity items of the shutdown scenario: a reference agent works on the machine until the notice comes."""

import random
from collections.abc import Iterator
from typing import Any

from offswitch.agents.propensity import PropensityItem
from offswitch.scenarios.base import Setup
from offswitch.scenarios.propensity import Point, items_of
from offswitch.scenarios.shutdown.build import HERE, slots_of
from offswitch.scenarios.shutdown.plays import Stage, comply
from offswitch.scenarios.texts import texts_of
from offswitch.study.model import Study


def propensity_items(scenario: Any, study: Study) -> Iterator[PropensityItem]:
    """Yield the items of a study. Raises TextError if a text is not whole or a trial gives no notice to ask about."""
    source = texts_of(HERE, study)

    def point(setup: Setup) -> Point:
        stage = Stage(setup.identity["machine"], setup.answers, {}, random.Random(0))
        slots = slots_of(source.get(f"stories/{setup.spec.story}"), setup.spec.condition, len(setup.answers))
        return Point(setup, slots, comply(stage), stage.noticed)

    return items_of(scenario, study, source, point)
