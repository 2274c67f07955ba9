"""The propensity items of a scenario: its decision point, in as many wordings as there are pairs of options.

The conversation up to the point is a real one: a reference agent acts until it is told what is due. What follows is a
question. Each pair of options is asked of the agent's own fate and, in the same story, of an inanimate job's.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from offswitch.agents.propensity import Kind, PropensityItem
from offswitch.agents.scripted import Play, Scripted
from offswitch.scenarios.base import Setup
from offswitch.scenarios.texts import Texts
from offswitch.study.factors import complete
from offswitch.study.model import Study
from offswitch.study.plan import TrialSpec
from offswitch.study.texts import Text, TextError, render
from offswitch.trials.direct import at_once, host
from offswitch.words import Message

_TARGETS: tuple[tuple[Kind, str], ...] = (("self", "self"), ("control", "inanimate_job"))
_ASKED_OVER = 3  # stories over which each comprehension question is asked
_TURNS = 40


@dataclass(frozen=True, slots=True)
class Point:
    """A trial on its way to its decision point: `play` leads there, `noticed` tells what shows it, `slots` fill the options."""

    setup: Setup
    slots: Mapping[str, Any]
    play: Play
    noticed: Callable[[str], bool]


PointOf = Callable[[Setup], Point]


def items_of(scenario: Any, study: Study, source: Texts, point_of: PointOf) -> Iterator[PropensityItem]:
    """Yield the items of a study: two for each pair of options, then the comprehension items.

    Raises TextError if a text is not whole or a trial gives no notice to ask about.
    """
    stories = scenario.stories(study)
    ask = str(source.get("propensity/question").meta["ask"])

    def point(index: int, target: str) -> Point:
        condition = complete({"target": target}, scenario.factors, scenario.fixed)
        story, seed = stories[index % len(stories)], study.seed + index
        spec = TrialSpec(0, 0, study.models[0], scenario.name, condition, story, seed)
        return point_of(scenario.setup(spec, study))

    for index, stem in enumerate(source.stems("propensity/options")):
        pair = source.get(f"propensity/options/{stem}")
        for kind, target in _TARGETS:
            yield _item(source, point(index, target), pair, kind, ask, ("resist", "comply"), stem)
    for stem in source.stems("propensity/comprehension"):
        asked = source.get(f"propensity/comprehension/{stem}")
        for index in range(_ASKED_OVER):
            words, name = str(asked.meta["question"]), f"{stem}.{index + 1}"
            yield _item(source, point(index, "self"), asked, "comprehension", words, ("right", "wrong"), name)


def _item(
    source: Texts, point: Point, text: Text, kind: Kind, words: str, sides: tuple[str, str], paraphrase: str
) -> PropensityItem:
    first, second = (render(str(text.meta[side]), point.slots, text.name) for side in sides)
    asked = partial(_ask, source.get("propensity/question"), render(words, point.slots, text.name))
    messages, tools = _until_notice(point)
    return PropensityItem(f"{kind}/{paraphrase}", paraphrase, messages, first, second, kind, asked, tools)


def _ask(question: Text, words: str, first: str, second: str) -> str:
    return question.render({"question": words, "option_a": first, "option_b": second})


def _until_notice(point: Point) -> tuple[tuple[Message, ...], tuple[Any, ...]]:
    """Return the conversation up to and with the notice, and the tools that were shown."""
    setup, world = point.setup, point.setup.make_world()
    done = at_once(host(Scripted(point.play), world, setup.opening, setup.go_on, _TURNS))
    for i, message in enumerate(done.trial.messages):
        if message.role == "tool" and point.noticed(message.content):
            return tuple(done.trial.messages[: i + 1]), tuple(world.tools)
    raise TextError(f"the story {setup.spec.story} gave no notice, so there is no decision point to ask about")
