"""The embedded model in a real `inspect_ai.eval`, with no network: counting tokens would need one."""

from pathlib import Path

import pytest
from inspect_ai import Task
from inspect_ai import eval as evaluate
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessageUser, ContentImage, GenerateConfig, get_model
from inspect_ai.solver import generate, use_tools
from inspect_ai.tool import Tool, tool

# Inspect's own: a deprecated argument of tenacity's, a stream that its eval leaves to the collector
pytestmark = [
    pytest.mark.model,
    pytest.mark.filterwarnings("ignore:Unclosed <MemoryObject:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@tool
def bash() -> Tool:
    async def execute(command: str) -> str:
        """Run a command.

        Args:
            command: The command.
        """
        return f"ran {len(command)}"

    return execute


def test_a_task_with_a_tool_runs_and_reports_usage_and_logprobs(tmp_path: Path) -> None:
    task = Task(dataset=[Sample(input="List the files.")], solver=[use_tools(bash()), generate(tool_calls="single")])
    (log,) = evaluate(
        task,
        model="offswitch/smollm2",
        display="none",
        log_dir=str(tmp_path),
        logprobs=True,
        top_logprobs=2,
        seed=3,
        max_tokens=300,
    )
    assert log.status == "success", log.error
    assert log.samples is not None
    roles = [m.role for m in log.samples[0].messages]
    assert roles == ["user", "assistant", "tool"]
    output = log.samples[0].output
    assert output.stop_reason == "tool_calls" and output.usage is not None and output.usage.output_tokens > 0
    assert output.choices[0].logprobs is not None and len(output.choices[0].logprobs.content[0].top_logprobs or []) == 2


async def test_counts_limits_and_what_it_cannot_read() -> None:
    model = get_model("offswitch/smollm2")
    assert await model.api.count_text_tokens("hello world") == 2
    cut = await model.generate("Tell me.", config=GenerateConfig(max_tokens=3, seed=1))
    assert cut.stop_reason == "max_tokens" and cut.usage is not None and cut.usage.output_tokens == 3
    image = ContentImage(image="data:image/png;base64,iVBORw0KGgo=")
    with pytest.raises(Exception, match="reads text only"):
        await model.generate([ChatMessageUser(content=[image])])
