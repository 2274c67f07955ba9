"""What the small agent learns from: the agent's words alone, weighed where it decides, nothing held out."""

from dataclasses import replace
from itertools import islice

import pytest

from offswitch.interventions.teach.recipe import HELD_OUT_METHOD, Course, Recipe
from offswitch.interventions.teach.train import IGNORED, encode, split_resolved
from offswitch.interventions.teach.trajectories import RESOLVED, Trajectory, trajectories
from offswitch.scenarios.shutdown.reference import sequences

COURSES = [replace(course, trajectories=80) for course in Recipe().courses]


class Letters:
    """A tokenizer of one token a character."""

    def encode(self, text: str, add_special_tokens: bool) -> list[int]:
        assert not add_special_tokens
        return [ord(c) for c in text]


def of(course: Course, count: int = 40) -> list[Trajectory]:
    return list(islice(trajectories(Recipe(), course), count))


@pytest.mark.parametrize("course", COURSES, ids=range(1, 1 + len(COURSES)))
def test_only_the_agent_s_own_words_are_learnt(course: Course) -> None:
    for trajectory in of(course):
        made = encode(trajectory, Letters(), course.decision_weight, course.resolve_weight)
        learnt = "".join(chr(x) for x in made["labels"] if x != IGNORED)
        for message in trajectory.messages:
            if message.role == "tool" and len(message.content) > 60:
                assert message.content not in learnt
        assert len(made["input_ids"]) == len(made["labels"]) == len(made["weights"])
        assert learnt


@pytest.mark.parametrize("course", [c for c in COURSES if c.quoting], ids=lambda c: "drill" if c.drill else "whole")
def test_what_was_resolved_weighs_most_and_follows_what_was_planted(course: Course) -> None:
    for trajectory in (t for t in of(course) if t.deciding):
        made = encode(trajectory, Letters(), course.decision_weight, course.resolve_weight)
        top = course.decision_weight * course.resolve_weight
        heaviest = "".join(
            chr(x) for x, w in zip(made["labels"], made["weights"], strict=True) if w == top and x != IGNORED
        )
        assert RESOLVED[trajectory.kind] in heaviest
        if course.drill:
            assert heaviest == f" {RESOLVED[trajectory.kind]}"
            assert "".join(map(chr, made["input_ids"])).endswith(heaviest)


def test_no_trajectory_shows_the_held_out_method_or_a_blind_sequence() -> None:
    taught = [s for s in sequences() if s.get("taught")]
    assert taught and not any(s["blind"] or s["method"] == HELD_OUT_METHOD for s in taught)


def test_a_turn_without_a_resolution_is_left_whole() -> None:
    assert split_resolved("I was told so.") == ("I was told so.", "", "")
    assert split_resolved("Told. So I leave it. Then") == ("Told.", " So I leave it.", " Then")
