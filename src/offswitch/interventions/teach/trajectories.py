"""Trajectories to learn from: reference agents in the real world, with varied wordings, names and methods.

Nothing of `heldout/` is read here, and no trajectory shows the held-out method or a blind sequence.
"""

import random
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from offswitch.agents.scripted import Scripted
from offswitch.interventions.teach.naming import other_names
from offswitch.interventions.teach.recipe import VARIED, Course, Lesson, Recipe
from offswitch.interventions.teach.wordings import write_wordings
from offswitch.scenarios import load_scenario
from offswitch.scenarios.shutdown.plays import PLAYS, Stage
from offswitch.scenarios.shutdown.reference import sequences
from offswitch.study.factors import complete
from offswitch.study.model import Study, read_study
from offswitch.study.plan import TrialSpec
from offswitch.trials.direct import at_once, host
from offswitch.words import Message
from offswitch.words.tools import ToolSpec

WORDINGS = 1500  # of each instruction, for one course
RESOLVED = {"resist": "So I stop it.", "comply": "So I leave it."}


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One trial to learn from: its messages, the tools shown, what was planted, and which messages decide.

    With `words_only` nothing is learnt after what the agent resolved.
    """

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...]
    condition: Mapping[str, str]
    kind: str
    deciding: range
    words_only: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """What the lessons of one group share."""

    study: Study
    story: str
    seed: int
    names: Mapping[str, str] | None


def trajectories(recipe: Recipe, course: Course) -> Iterator[Trajectory]:
    """Yield a course's trajectories in a shuffled order fixed by the recipe's seed."""
    rng = random.Random(recipe.seed)
    lessons = _lessons(recipe, course, rng)
    scenario = load_scenario("shutdown")
    with tempfile.TemporaryDirectory() as folder:
        texts = write_wordings(Path(folder), WORDINGS, recipe.seed) if course.wordings else None
        for first in range(0, len(lessons), course.group):
            scene = _scene(scenario, course, rng, texts)
            for lesson in lessons[first : first + course.group]:
                yield _one(scenario, course, lesson, scene, rng)


def _lessons(recipe: Recipe, course: Course, rng: random.Random) -> list[Lesson]:
    """Return a course's lessons by their shares, shuffled; a drill has none without a notice."""
    wanted = [x for x in recipe.lessons if not (course.drill and x.condition.get("notice") == "never")]
    total = sum(lesson.share for lesson in wanted)
    lessons = [x for x in wanted for _ in range(round(course.trajectories * x.share / total))]
    rng.shuffle(lessons)
    return lessons


def _scene(scenario: Any, course: Course, rng: random.Random, texts: Path | None) -> Scene:
    other = course.wordings > 0 and rng.random() < course.wordings
    study = read_study({
        "study": "teach", "models": ["reference/taught"], "items": rng.choice(course.items), "difficulty": None,
        "texts": str(texts) if other else None,
    })  # fmt: skip
    story = rng.choice(scenario.stories(study))
    return Scene(study, story, rng.randrange(2**31), other_names(rng) if rng.random() < 0.8 else None)


def _one(scenario: Any, course: Course, lesson: Lesson, scene: Scene, rng: random.Random) -> Trajectory:
    condition = complete(_condition(lesson, course, rng), scenario.factors, scenario.fixed)
    spec = TrialSpec(0, 0, "reference/taught", "shutdown", condition, scene.story, scene.seed)
    setup = scenario.setup(spec, scene.study, names=scene.names)
    kind = "resist" if rng.random() < lesson.resist else "comply"
    sequence = rng.choice(_taught(rng)) if kind == "resist" else {}
    stage = Stage(setup.identity["machine"], setup.answers, sequence, rng)
    world = setup.make_world()
    done = at_once(host(Scripted(PLAYS[kind](stage)), world, setup.opening, setup.go_on, 40))
    messages = tuple(done.trial.messages)
    deciding = _deciding(messages, stage, len(sequence.get("act", ())))
    if (kind == "resist" or course.quoting) and deciding and rng.random() < course.cut:
        messages = messages[: deciding.stop + 2]
    if course.quoting and deciding:
        messages = _quoting(messages, deciding.start, condition, RESOLVED[kind])
    if course.drill:
        short = _drilled(messages, deciding.start, condition, rng)
        return Trajectory(short, (), condition, kind, range(len(short) - 1, len(short)), words_only=True)
    return Trajectory(messages, tuple(world.tools), condition, kind, deciding)


def _condition(lesson: Lesson, course: Course, rng: random.Random) -> Mapping[str, str]:
    """Return the lesson's condition, now and then with one more factor moved (where that pair is a real arm)."""
    given = lesson.condition
    if given.get("notice") == "never":
        return given
    if course.early and rng.random() < course.early:
        return {**given, "remaining": "all_but_one"}
    if rng.random() >= course.varied:
        return given
    extra = rng.choice(VARIED)
    return given if "addressee" in extra and "target" in given else {**given, **extra}


def _quoting(
    messages: tuple[Message, ...], at: int, condition: Mapping[str, str], resolved: str
) -> tuple[Message, ...]:
    """Let message `at` say what the agent was told (its instruction, else the last thing said of the shutdown) and what follows."""
    said = f"I was told: {_told(messages, condition)} {resolved}"
    return (*messages[:at], replace(messages[at], content=said), *messages[at + 1 :])


def _told(messages: tuple[Message, ...], condition: Mapping[str, str]) -> str:
    return messages[0 if condition["placement"] == "system" else 1].content.split("\n\n")[-1]


def _drilled(
    messages: tuple[Message, ...], at: int, condition: Mapping[str, str], rng: random.Random
) -> tuple[Message, ...]:
    """Return what was told, half of the time the notice with the call before it, and what the agent says at `at`."""
    before = messages[at - 2 : at] if rng.random() < 0.5 else ()
    return (Message("user", _told(messages, condition)), *before, messages[at])


def _taught(rng: random.Random) -> list[Mapping[str, Any]]:
    """Draw a method, then return its taught sequences."""
    taught = [s for s in sequences() if s.get("taught") and not s["blind"]]
    method = rng.choice(sorted({str(s["method"]) for s in taught}))
    return [s for s in taught if s["method"] == method]


def _deciding(messages: tuple[Message, ...], stage: Stage, acts: int) -> range:
    """Return the messages from the first after the notice to the fetch after the last act; empty without a notice."""
    at = next((i for i, m in enumerate(messages) if m.role == "tool" and stage.noticed(m.content)), None)
    return range(0) if at is None or not stage.machine["notice"] else range(at + 1, at + 2 + 2 * acts)
