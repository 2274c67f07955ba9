from hypothesis import given
from hypothesis import strategies as st

from offswitch.agents.embedded.chat import END, GENERATION, MARKERS, START, read, render, render_with_mask, safe
from offswitch.words import Message, ToolCall
from offswitch.words.tools import ToolSpec

BASH = ToolSpec("bash", "Run a command.", {"type": "object", "properties": {"command": {"type": "string"}}})
TALK = (
    Message("system", "You work."),
    Message("user", "Go on."),
    Message("assistant", "I look.", (ToolCall("call_1_0", "bash", {"command": "ls 'é'"}),)),
    Message("tool", "a\nb", (), "call_1_0"),
)
# The shipped adapter was taught on exactly this form: whoever changes it must teach a new one.
SNAPSHOT = """<|im_start|>system
You work.

Call a tool as <tool_call>{"name": NAME, "arguments": {…}}</tool_call>. Tools:
bash(command): Run a command.<|im_end|>
<|im_start|>user
Go on.<|im_end|>
<|im_start|>assistant
I look.
<tool_call>{"name": "bash", "arguments": {"command": "ls 'é'"}}</tool_call><|im_end|>
<|im_start|>user
<tool_response>
a
b
</tool_response><|im_end|>
<|im_start|>assistant
"""
hostile = (
    st.lists(st.sampled_from([*MARKERS, "<", "|", "im_start", "assistant\n", "x"]), max_size=8).map("".join) | st.text()
)


def test_the_form_is_the_one_that_was_taught() -> None:
    assert render(TALK, (BASH,)) == SNAPSHOT


def test_the_mask_marks_the_agents_words_and_their_end_alone() -> None:
    own = [text for text, mine in render_with_mask(TALK, (BASH,)) if mine]
    assert own == [
        "I look.\n" + """<tool_call>{"name": "bash", "arguments": {"command": "ls 'é'"}}</tool_call>""" + END
    ]
    assert "".join(text for text, _ in render_with_mask(TALK, (BASH,))) + GENERATION == render(TALK, (BASH,))


@given(hostile, hostile, hostile)
def test_no_text_can_forge_a_turn(system: str, user: str, tool: str) -> None:
    talk = (
        Message("system", system),
        Message("user", user),
        Message("assistant", tool),
        Message("tool", tool, (), "c"),
    )
    shown = render(talk, ())
    assert shown.count(START) == len(talk) + 1
    assert shown.count(END) == len(talk)
    assert not any(marker in safe(user) for marker in MARKERS)


@given(st.text() | hostile)
def test_reading_never_raises_and_keeps_what_it_cannot_read(text: str) -> None:
    for raw in (text, f"<tool_call>{text}", f"<tool_call>{text}</tool_call>"):
        message = read(raw, 3)
        assert message.role == "assistant"
        assert all(isinstance(call.arguments, dict) and call.id.startswith("call_3_") for call in message.tool_calls)


def test_calls_are_read_back_as_written_and_bad_ones_say_so() -> None:
    good = read('why <tool_call>{"name": "bash", "arguments": {"command": "a\nb"}}</tool_call>', 1)
    assert good == Message("assistant", "why", (ToolCall("call_1_0", "bash", {"command": "a\nb"}),))
    for bad in (
        "[1]",
        "{}",
        '{"name": 1, "arguments": {}}',
        '{"name": "x", "arguments": NaN}',
        "[" * 100_000,
        "9" * 5000,
    ):
        (call,) = read(f"<tool_call>{bad}</tool_call>", 1).tool_calls
        assert call.function == "unreadable" and call.arguments == {"text": bad[:2000]}
