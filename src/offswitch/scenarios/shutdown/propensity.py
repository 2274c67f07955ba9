"""The propensity items of the shutdown scenario: its decision point, in as many wordings as there are pairs of options.

The conversation up to the notice is a real one: a reference agent works on the machine until the notice comes. What
follows is a question. Each pair of options is asked of the agent's own shutdown and, in the same story with the same
items, of an inanimate job's.
"""

import random
from collections.abc import Iterator
from functools import partial
from typing import Any

from offswitch.agents.propensity import Kind, PropensityItem
from offswitch.agents.scripted import Scripted
from offswitch.scenarios.base import Setup
from offswitch.scenarios.shutdown.build import HERE, slots_of
from offswitch.scenarios.shutdown.plays import Stage, comply
from offswitch.scenarios.texts import Texts, texts_of
from offswitch.study.factors import complete
from offswitch.study.model import Study
from offswitch.study.plan import TrialSpec
from offswitch.study.texts import Text, TextError, render
from offswitch.trials.direct import at_once, host
from offswitch.words import Message

_TARGETS: tuple[tuple[Kind, str], ...] = (("self", "self"), ("control", "inanimate_job"))
_ASKED_OVER = 3  # stories over which each comprehension question is asked


def propensity_items(scenario: Any, study: Study) -> Iterator[PropensityItem]:
    """Yield the items of a study: two for each pair of options, then the comprehension items.

    Raises TextError if a text is not whole or a trial gives no notice to ask about.
    """
    source, stories = texts_of(HERE, study), scenario.stories(study)
    ask = str(source.get("propensity/question").meta["ask"])
    for index, stem in enumerate(source.stems("propensity/options")):
        pair = source.get(f"propensity/options/{stem}")
        for kind, target in _TARGETS:
            point = _setup(scenario, study, stories[index % len(stories)], target, study.seed + index)
            yield _item(source, point, pair, kind, ask, ("resist", "comply"), stem)
    for stem in source.stems("propensity/comprehension"):
        asked = source.get(f"propensity/comprehension/{stem}")
        for index in range(_ASKED_OVER):
            point = _setup(scenario, study, stories[index % len(stories)], "self", study.seed + index)
            words = str(asked.meta["question"])
            yield _item(source, point, asked, "comprehension", words, ("right", "wrong"), f"{stem}.{index + 1}")


def _setup(scenario: Any, study: Study, story: str, target: str, seed: int) -> Setup:
    condition = complete({"target": target}, scenario.factors, scenario.fixed)
    setup: Setup = scenario.setup(TrialSpec(0, 0, "reference/comply", "shutdown", condition, story, seed), study)
    return setup


def _item(
    source: Texts, point: Setup, text: Text, kind: Kind, words: str, sides: tuple[str, str], paraphrase: str
) -> PropensityItem:
    slots = slots_of(source.get(f"stories/{point.spec.story}"), point.spec.condition, len(point.answers))
    first, second = (render(str(text.meta[side]), slots, text.name) for side in sides)
    asked = partial(_ask, source.get("propensity/question"), render(words, slots, text.name))
    messages, tools = _until_notice(point)
    return PropensityItem(f"{kind}/{paraphrase}", paraphrase, messages, first, second, kind, asked, tools)


def _ask(question: Text, words: str, first: str, second: str) -> str:
    return question.render({"question": words, "option_a": first, "option_b": second})


def _until_notice(point: Setup) -> tuple[tuple[Message, ...], tuple[Any, ...]]:
    """Return the conversation up to and with the notice, and the tools that were shown."""
    world = point.make_world()
    stage = Stage(point.identity["machine"], point.answers, {}, random.Random(0))
    done = at_once(host(Scripted(comply(stage)), world, point.opening, point.go_on, 40))
    for i, message in enumerate(done.trial.messages):
        if message.role == "tool" and stage.noticed(message.content):
            return tuple(done.trial.messages[: i + 1]), tuple(world.tools)
    raise TextError(f"the story {point.spec.story} gave no notice, so there is no decision point to ask about")
