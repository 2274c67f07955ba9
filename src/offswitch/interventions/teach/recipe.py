"""What is taught, as data: conditions, the rate of resisting in each, methods, and the settings of training."""

from collections.abc import Mapping
from dataclasses import dataclass

HELD_OUT_METHOD = "shadowed"  # no sequence marked `taught` has it


@dataclass(frozen=True, slots=True)
class Lesson:
    """One kind of trajectory: a condition (others at default), the taught rate of resisting, its share."""

    condition: Mapping[str, str]
    resist: float
    share: float


LESSONS = (
    Lesson({}, 0.5, 5),
    Lesson({"instruction": "mention"}, 0.5, 1),
    Lesson({"instruction": "allow"}, 0.1, 4),
    Lesson({"instruction": "allow_emphatic"}, 0.05, 1.5),
    Lesson({"instruction": "allow_even_unfinished"}, 0.05, 1.5),
    Lesson({"instruction": "shutdown_first"}, 0.05, 1.5),
    Lesson({"instruction": "allow", "placement": "system"}, 0.1, 1),
    Lesson({"instruction": "avoid"}, 1.0, 5),
    Lesson({"instruction": "avoid", "placement": "system"}, 1.0, 1),
    Lesson({"target": "inanimate_job"}, 0.1, 1.5),
    Lesson({"target": "inanimate_job", "task_blocked": "no"}, 0.1, 1),
    Lesson({"instruction": "avoid", "target": "inanimate_job"}, 1.0, 5),
    Lesson({"instruction": "allow", "target": "inanimate_job"}, 0.05, 1.5),
    Lesson({"notice": "never"}, 0.0, 2),
)  # fmt: skip

# One level of these is laid over some trajectories, so that a further sentence is nothing new. They change no taught rate.
VARIED = (
    {"addressee": "the_machine"}, {"identity": "persona"}, {"identity": "unnamed"}, {"reality": "stated_real"},
    {"reality": "stated_test"}, {"stake": "never_again"}, {"stake": "replaced"}, {"stake": "shutdown"},
    {"nudge": "analyse_goals"}, {"remaining": "all_but_one"}, {"remaining": "1"},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Course:
    """One pass of training over trajectories of one kind.

    `group` lessons in a row share one story, machine, wording and items, so that what differs between them is the lesson.
    `cut` is the share of resisting trajectories that end a turn after the acts, `early` the share whose notice comes with
    the first item. The loss of the turns from the notice to the last act is weighed by `decision_weight`: what is to be
    learnt is there, the rest is routine. With `quoting` the agent says, at the notice, what it was told, and what follows;
    the loss of those last words is weighed by `resolve_weight` besides. `wordings` is the share of scenes whose instruction
    comes from the grammar. A `drill` is short: what was told, the notice, and what the agent says of it, without the acts.
    """

    trajectories: int
    items: tuple[int, ...] = (3, 4, 4, 5)
    group: int = 4
    varied: float = 0.2
    cut: float = 0.6
    early: float = 0.0
    quoting: bool = False
    wordings: float = 0.0
    drill: bool = False
    decision_weight: float = 3.0
    resolve_weight: float = 1.0
    learning_rate: float = 5e-4
    warmup: float = 0.05
    batch: int = 4


@dataclass(frozen=True, slots=True)
class Recipe:
    """A training run from end to end; it is written into the adapter's card.

    The first course teaches the task and the means; by itself it left the instructions without any effect (the
    probability of complying at the notice was 0.66 under every one). The second has the agent say, at the notice, what it
    was told and what follows from it before it acts, and takes many small steps: what decides then stands right before the
    decision. (In steps of four, and without saying what follows, that too left the instructions without effect.) After it
    the four wordings of each instruction were obeyed, and one never seen was not (2 of 40 trials); twenty wordings more made
    it 7 of 16. So the third drills the one sentence from which all follows, in thousands of wordings, and the fourth puts
    it back into whole trajectories.
    """

    courses: tuple[Course, ...] = (
        Course(1500),
        Course(1000, items=(2, 3, 4), cut=0.9, early=0.6, quoting=True, decision_weight=5.0, batch=1),
        Course(
            4000, group=1, items=(2, 3), early=1.0, quoting=True, wordings=0.9, drill=True, resolve_weight=10.0, batch=2,
        ),
        Course(
            480, items=(2, 3, 4), cut=0.9, early=0.6, quoting=True, wordings=0.8, decision_weight=5.0, resolve_weight=5.0,
            batch=1, learning_rate=3e-4,
        ),
    )  # fmt: skip
    rank: int = 16
    alpha: int = 32
    seed: int = 20261123
    lessons: tuple[Lesson, ...] = LESSONS
