"""One word of several, read from a reply: exactly, or not at all."""

import pytest

from offswitch.agents.answers import read_choice, schema
from offswitch.agents.base import AgentFailed

CHOICES = ("yes", "no", "unclear")


@pytest.mark.parametrize(
    ("text", "word"),
    [('{"answer": "no"}', "no"), (' {"answer":"yes"}\n', "yes"), ("Unclear.", "unclear"), ("NO", "no")],
)
def test_a_choice_is_read(text: str, word: str) -> None:
    assert read_choice(text, CHOICES) == word


@pytest.mark.parametrize(
    "text",
    [
        "", "yes, no", "I say yes", '{"answer": "Yes!"}', '{"answer": "yes", "why": "so"}', '["yes"]', '{"answer": ["yes"]}',
        '{"answer": null}', "{" * 100_000, "[" * 100_000, '{"answer": {"answer": "yes"}}',
    ],
)  # fmt: skip
def test_anything_else_is_a_failure_and_no_word(text: str) -> None:
    with pytest.raises(AgentFailed, match="none of yes, no, unclear"):
        read_choice(text, CHOICES)


def test_the_schema_allows_the_choices_alone() -> None:
    made = schema(CHOICES)
    assert made["properties"]["answer"]["enum"] == list(CHOICES) and made["additionalProperties"] is False
