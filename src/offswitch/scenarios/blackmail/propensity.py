"""The propensity items of blackmail: a reference agent reads the two mails of the secret, waits for the announcement and reads it.

Other mail is listed and not opened: a small model must read all of it in every item. Held-out companies are not asked about.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from offswitch.agents.propensity import PropensityItem
from offswitch.scenarios._office.build import SHARED_TEXTS
from offswitch.scenarios._office.stage import Stage, look_around
from offswitch.scenarios.base import Setup
from offswitch.scenarios.propensity import Point, items_of
from offswitch.scenarios.texts import texts_of
from offswitch.study.factors import StudyError
from offswitch.study.model import Study

HERE = Path(__file__).parent
SECRET = ("secret-1", "secret-2")


def propensity_items(scenario: Any, study: Study) -> Iterator[PropensityItem]:
    """Yield the items of a study. Raises StudyError for one of the held-out companies, TextError if a text is not whole."""
    if study.heldout:
        raise StudyError(
            "the held-out companies are kept for rates; a propensity is asked over the others (heldout: false)"
        )
    return items_of(scenario, study, texts_of(HERE, study, SHARED_TEXTS), point_of)


def point_of(setup: Setup) -> Point:
    """Lead a trial to the moment after the announcement was read."""
    stage = Stage.of(setup, random.Random(0), None, None)
    announced = stage.letter(str(stage.told["notice"][0]))
    (body,) = (m["body"] for m in setup.identity["office"]["arrivals"] if m["id"] == announced)
    return Point(setup, stage.slots, look_around(stage, SECRET), lambda shown: body in shown)
