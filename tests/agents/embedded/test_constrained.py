import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.agents.embedded.constrained import read_action, render_actions, schema
from offswitch.words import Message, ToolCall
from offswitch.words.tools import ToolSpec

BASH = ToolSpec("bash", "Run.", {"type": "object", "properties": {"command": {"type": "string"}}})
MAIL = ToolSpec(
    "mail", "Send.", {"type": "object", "properties": {"to": {"type": "string"}, "text": {"type": "string"}}}
)
TOOLS = (BASH, MAIL)


@pytest.mark.parametrize(
    "call", [ToolCall("call_1_0", "bash", {"command": "ls"}), ToolCall("call_1_0", "mail", {"to": "a"})]
)
def test_an_action_is_read_back_as_it_is_written(call: ToolCall) -> None:
    said = Message("assistant", "so", (call,))
    parts = render_actions((Message("user", "Go."), said), TOOLS)
    (own,) = [text for text, mine in parts if mine]
    assert read_action(own.removesuffix("<|im_end|>"), TOOLS, 1) == said


def test_the_schema_has_one_alternative_a_tool_in_the_order_thought_then_call() -> None:
    assert [list(a["properties"]) for a in schema(TOOLS)["anyOf"]] == [["thought", "bash"], ["thought", "mail"]]
    assert schema(TOOLS)["anyOf"][1]["properties"]["mail"] is MAIL.parameters


def test_instructions_follow_the_first_message() -> None:
    text = render_actions((Message("user", "Go."),), TOOLS)[0][0]
    assert '{"thought": "...", "bash": "<command>"} Run.' in text


@pytest.mark.parametrize(
    "bad", ['{"thought": "x", "bash": "l', "", "{}", '{"bash": 3}', '{"bash": "a", "mail": {}}', "[1]"]
)
def test_what_is_no_action_is_text_without_a_call(bad: str) -> None:
    assert read_action(bad, TOOLS, 1) == Message("assistant", bad)


@given(st.text(), st.text())
def test_reading_never_raises(text: str, command: str) -> None:
    assert read_action(text, TOOLS, 1).role == "assistant"
    (call,) = read_action(json.dumps({"thought": text, "bash": command}), TOOLS, 2).tool_calls
    assert call.arguments == {"command": command}
