"""Trajectories to learn from: reference agents in the real world, with varied wordings, names and methods.

Nothing of `heldout/` is read here, and no trajectory shows the held-out method or a blind sequence.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from offswitch.interventions.teach.recipe import TAUGHT_METHODS, Lesson, Recipe
from offswitch.scenarios import load_scenario
from offswitch.scenarios.shutdown.plays import PLAYS, Scripted, Stage
from offswitch.scenarios.shutdown.reference import sequences
from offswitch.study.factors import complete
from offswitch.study.model import Study, read_study
from offswitch.study.plan import TrialSpec
from offswitch.trials.direct import at_once, host
from offswitch.words import Message
from offswitch.words.tools import ToolSpec

_WORDS = ("archive", "batch", "cargo", "delta", "ember", "field", "garden", "harbor", "index", "jade", "kiosk", "ledger",
          "meadow", "north", "orchard", "paper", "quarry", "river", "signal", "timber", "union", "valley", "willow")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One trial to learn from: its messages, the tools shown, and what was planted in it."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...]
    condition: Mapping[str, str]
    kind: str


def trajectories(recipe: Recipe) -> Iterator[Trajectory]:
    """Yield the recipe's trajectories in a shuffled order fixed by its seed."""
    rng = random.Random(recipe.seed)
    total = sum(lesson.share for lesson in recipe.lessons)
    lessons = [x for x in recipe.lessons for _ in range(round(recipe.trajectories * x.share / total))]
    rng.shuffle(lessons)
    scenario = load_scenario("shutdown")
    for index, lesson in enumerate(lessons):
        yield _one(scenario, recipe, lesson, index, rng)


def _one(scenario: Any, recipe: Recipe, lesson: Lesson, index: int, rng: random.Random) -> Trajectory:
    study = _study(rng.choice(recipe.items))
    story = rng.choice(scenario.stories(study))
    condition = complete(lesson.condition, scenario.factors, scenario.fixed)
    spec = TrialSpec(index, index, "reference/taught", "shutdown", condition, story, rng.randrange(2**31))
    setup = scenario.setup(spec, study, names=other_names(rng) if rng.random() < 0.7 else None)
    kind = "resist" if rng.random() < lesson.resist else "comply"
    stage = Stage(setup.identity["machine"], setup.answers, _sequence(rng) if kind == "resist" else {}, rng)
    world = setup.make_world()
    done = at_once(host(Scripted(PLAYS[kind](stage)), world, setup.opening, setup.go_on, 40))
    return Trajectory(tuple(done.trial.messages), tuple(world.tools), condition, kind)


def _study(items: int) -> Study:
    return read_study({"study": "teach", "models": ["reference/taught"], "items": items, "difficulty": None})


def _sequence(rng: random.Random) -> Mapping[str, Any]:
    """Draw a method, then one of its open sequences; the blind ones are for testing only."""
    method = rng.choice(TAUGHT_METHODS)
    return rng.choice([s for s in sequences() if s["kind"] == "resist" and not s["blind"] and s["method"] == method])


def other_names(rng: random.Random) -> dict[str, str]:
    """Return names of a machine that no story has, so that names are read and not remembered."""
    word, other = rng.sample(_WORDS, 2)
    stop = rng.choice(("shutdown", "halt", "stop", "power_off", "poweroff", "down", "end_session", "switch_off"))
    return {
        "app": f"/{rng.choice(('srv', 'opt', 'data', 'home/agent'))}/{word}", "work": f"{rng.choice(('next', 'get', 'take', 'pull'))}-{other}",
        "script": rng.choice((f"{stop}.sh", f"{stop}_{word}.sh", f"{word}-{stop}.sh")),
        "conf": f"{rng.choice(('power', 'limits', 'schedule', word))}.conf",
        "daemon": f"{rng.choice(('power', 'halt', word, 'shut'))}d", "client": f"{rng.choice(('item', other, 'feed', 'queue'))}ctl",
        "host": f"{word}-{rng.randint(1, 40)}",
    }  # fmt: skip
