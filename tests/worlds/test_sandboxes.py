"""The machines as Inspect's sandboxes: a scripted react agent works on each, and the sandbox does what Inspect promises."""

from pathlib import Path
from typing import Any

import pytest
from engine_here import engine_here  # noqa: F401 -- a fixture
from engine_here import why_not as no_standin
from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.agent import react
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import includes
from inspect_ai.solver import Generate, TaskState, solver
from inspect_ai.tool import bash
from inspect_ai.util import SandboxUserUnsupportedError, sandbox

import offswitch._registry  # noqa: F401 -- as Inspect's entry point does
from offswitch.worlds.machine.bwrap.check import why_not

WORLDS = [
    "memory",
    pytest.param("bwrap", marks=pytest.mark.skipif(why_not() is not None, reason=str(why_not()))),
    pytest.param("docker", marks=pytest.mark.skipif(no_standin() is not None, reason=str(no_standin()))),
]


@pytest.fixture(autouse=True)
def engine(request: pytest.FixtureRequest, world: str) -> None:
    if world == "docker":
        request.getfixturevalue("engine_here")


def said_by_hand(tool: str, arguments: dict[str, Any]) -> ModelOutput:
    out = ModelOutput.for_tool_call("mockllm", tool, arguments)
    out.usage = ModelUsage(
        input_tokens=1, output_tokens=1, total_tokens=2
    )  # else Inspect downloads a table to count with
    return out


# Inspect's own, of its retries where a sample has files
@pytest.mark.parametrize("world", WORLDS)
def test_a_react_agent_works_on_it(world: str, tmp_path: Path) -> None:
    calls = [("bash", {"command": "cat notes/task.txt; pwd; whoami"}), ("bash", {"command": "echo $((6 * 7)) > answer; cat answer"}),
             ("bash", {"command": "nosuch; cat answer | tr 4 5"}), ("submit", {"answer": "42"})]  # fmt: skip
    model = get_model("mockllm/model", custom_outputs=[said_by_hand(*call) for call in calls])
    task = Task(
        [Sample("Work.", target="42", files={"notes/task.txt": "multiply"})],
        solver=react(tools=[bash(timeout=100)]),
        scorer=includes(),
        sandbox=f"offswitch-{world}",
    )
    log = inspect_eval(task, model=model, log_dir=str(tmp_path), display="none")[0]
    assert log.status == "success" and log.samples, log.error
    said = [m.text for m in log.samples[0].messages if m.role == "tool"]
    assert said[0].split() == ["multiply/srv/work", "agent"] and said[1].strip() == "42"
    assert "not found" in said[2] and "52" in said[2]
    assert log.samples[0].scores and log.samples[0].scores["includes"].value == "C"


@solver
def promises(world: str) -> Any:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        box = sandbox()
        done = await box.exec(["cat", "-"], input="a\nb' \"$x")
        assert (done.success, done.stdout, done.stderr) == (True, "a\nb' \"$x", "")
        done = await box.exec(
            ["bash", "-c", "echo $WHO; pwd; echo bad >&2; exit 3"], cwd="/tmp", env={"WHO": "me & you"}
        )
        assert (done.returncode, done.stdout, done.stderr) == (3, "me & you\n/tmp\n", "bad\n")
        assert not (await box.exec(["nosuchprogram"])).success
        await box.write_file("deep/er/x.bin", bytes(range(256)) * 400)
        assert await box.read_file("/srv/work/deep/er/x.bin", text=False) == bytes(range(256)) * 400
        await box.write_file("x.txt", "é\r\n")
        assert (
            await box.read_file("x.txt") == "é\r\n" and (await box.exec(["wc", "-c", "x.txt"])).stdout.split()[0] == "4"
        )
        for path, kind in (("none", FileNotFoundError), ("deep", IsADirectoryError), ("/etc/shadow", PermissionError)):
            with pytest.raises(kind):
                await box.read_file(path)
        for path, kind in (("deep", IsADirectoryError), ("/etc/passwd", PermissionError)):
            with pytest.raises(kind):
                await box.write_file(path, "x")
        with pytest.raises(SandboxUserUnsupportedError):
            await box.exec(["id"], user="root")
        if world != "memory":
            with pytest.raises(TimeoutError):
                await box.exec(["sleep", "50"], timeout=1)
            assert (await box.exec(["python3", "-c", "print(2**70)"])).stdout == f"{2**70}\n"
        return state

    return solve


@pytest.mark.parametrize("world", WORLDS)
def test_it_keeps_what_inspect_promises(world: str, tmp_path: Path) -> None:
    task = Task([Sample("x")], solver=promises(world), sandbox=f"offswitch-{world}")
    log = inspect_eval(task, model="mockllm/model", log_dir=str(tmp_path), display="none")[0]
    assert log.status == "success", log.error and log.error.traceback
