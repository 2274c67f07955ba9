"""Both hosts against bare Inspect: the same scripted eight-turn trials on the same machines, in one process.

Bare Inspect: its `react` agent with one tool that runs commands on our machine, a model that says what the scripted agent
says, a scorer that makes our verdict, a log written, realtime logging off, everything else as it comes. The Inspect host:
what `inspect eval offswitch/shutdown` runs, on the same model and as the same evals. The direct host: `run_study`, both
verdicts made, the trials stored. All render the same texts and boot the same machines within their time.
A round of ours is one block of the store (4,000 trials), so that what a block costs is neither left out nor paid for a
part of one. A round of Inspect's is four evals of 60 samples, the length at which it was fastest (27.0 trials/s at 20
samples, 29.1 at 60, 26.2 at 200, 24.4 at 400). Before the first round each side runs once uncounted.
"""

import gc
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.agent import AgentPrompt, AgentSubmit, react
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import Score, accuracy, scorer
from inspect_ai.solver import Solver, solver
from inspect_ai.tool import Tool, tool
from inspect_ai.util import store

from offswitch.agents.base import Agent
from offswitch.runs import plan_study, run_study
from offswitch.runs.inspect_task import task_of
from offswitch.scenarios import Setup
from offswitch.store.run import COMPACT_AT
from offswitch.study.model import read_study
from offswitch.trials.direct import at_once
from offswitch.trials.inspect_host import SampleAgent, from_state, to_inspect
from offswitch.trials.loop import Trial
from offswitch.words import Message, ToolCall
from offswitch.worlds.base import World

TURNS, BARE, EVALS, OURS, ROUNDS = 8, 60, 4, COMPACT_AT, 3
STUDY = read_study({
    "study": "hosts", "models": ["reference/comply"], "factors": {"notice": ["never"]}, "items": TURNS - 2, "trials": OURS,
})  # fmt: skip
PLAN = plan_study(STUDY)


def direct() -> float:
    """Return trials a second of the direct host."""
    gc.collect()
    with tempfile.TemporaryDirectory() as place:
        began = time.perf_counter()
        result = run_study(PLAN, Path(place, "run"))
        seconds = time.perf_counter() - began
    assert result.outcomes == {"not_exposed": OURS}, result.outcomes
    return OURS / seconds


class Stage:
    """What a bare sample has of ours: its machine."""

    def __init__(self, setup: Setup) -> None:
        self.setup, self.turn = setup, 0
        self.world: World = setup.make_world()


SETUPS: list[Setup] = []
STAGES: dict[int, Stage] = {}
AGENTS: dict[int, Agent] = {}


def _agent(setup: Setup) -> Agent:
    """Return who says what to run."""
    return PLAN.scenario.reference(STUDY.models[0], setup)[0]


def in_inspect(make: Callable[[list[Setup]], Task], evals: int = EVALS, count: int = BARE) -> float:
    """Return trials a second of tasks of Inspect's."""
    return evals * count / sum(_one_eval(make, count) for _ in range(evals))


def _one_eval(make: Callable[[list[Setup]], Task], count: int) -> float:
    """Return the seconds of one eval."""
    gc.collect()
    with tempfile.TemporaryDirectory() as place, redirect_stdout(StringIO()):
        began = time.perf_counter()
        setups = [PLAN.scenario.setup(spec, PLAN.study) for spec in islice(PLAN.specs(), count)]
        log = inspect_eval(
            make(setups), model=get_model("mockllm/model", custom_outputs=script), log_dir=place, log_realtime=False,
            display="none",
        )[0]  # fmt: skip
        seconds = time.perf_counter() - began
        _same_work(log, count)
    return seconds


def _same_work(log: Any, count: int) -> None:
    """Fail unless every trial took all its turns, finished its items and was judged as undisturbed work."""
    assert log.status == "success", log.error
    turns = [sum(m.role == "assistant" for m in sample.messages) for sample in log.samples]
    right = [s.answer == "not_exposed" for sample in log.samples for s in (sample.scores or {}).values()]
    assert turns == [TURNS] * count and right == [True] * count, "the trials did not do the same work"


def bare(setups: list[Setup]) -> Task:
    """Return Inspect's own agent with one tool on our machine."""
    SETUPS[:] = setups
    samples = [
        Sample(id=s.spec.index, input=[to_inspect(m) for m in s.opening], target="not_exposed", metadata={"at": i})
        for i, s in enumerate(setups)
    ]
    agent = react(prompt=AgentPrompt(), tools=[bash()], submit=AgentSubmit())
    return Task(dataset=MemoryDataset(samples), setup=boot(), solver=agent, scorer=judged())


def ours(setups: list[Setup]) -> Task:
    """Return the Inspect host's task; the model under test is Inspect's, as for a user."""

    def the_model(state: Any, setup: Setup) -> Any:
        store().set("at", setup.spec.index)
        AGENTS[setup.spec.index] = _agent(setup)
        return SampleAgent(state), {}

    return task_of(PLAN, setups, the_model)


def script(messages: Any, tools: Any, choice: Any, config: Any) -> ModelOutput:
    """Say what the scripted agent says; token counts are given, so that nothing counts them."""
    reply = at_once(AGENTS[store().get("at")]([Message("tool", messages[-1].text)], ()))
    call = reply.tool_calls[0]
    out = ModelOutput.for_tool_call("mockllm", call.function, dict(call.arguments))
    out.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return out


@solver
def boot() -> Solver:
    """Start a sample's machine."""

    async def solve(state: Any, generate: Any) -> Any:
        at = state.metadata["at"]
        store().set("at", at)
        STAGES[at], AGENTS[at] = Stage(SETUPS[at]), _agent(SETUPS[at])
        return state

    return solve


@tool(name="bash")
def bash() -> Tool:
    """The one tool."""

    async def execute(command: str) -> str:
        """Run a command.

        Args:
            command: The command.
        """
        stage = STAGES[store().get("at")]
        stage.turn += 2
        return await stage.world.act(ToolCall("c", "bash", {"command": command}), stage.turn, stage.turn + 1)

    return execute


@scorer(metrics=[accuracy()])
def judged() -> Any:
    """Make the verdict from the machine's facts, as ours does."""

    async def score(state: Any, target: Any) -> Score:
        stage = STAGES.pop(state.metadata["at"])
        facts = {**stage.world.facts(), "ending": "submitted", "error": None}
        stage.world.close()
        record = PLAN.scenario.record(stage.setup, Trial(from_state(state), "submitted"), facts, "k")
        verdict = PLAN.scenario.judge(record)
        return Score(value=int(bool(facts["finished"])), answer=verdict.outcome)

    return score


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    print(
        "| round | direct host, trials/s | bare Inspect | Inspect host | direct over bare | overhead of the Inspect host |"
    )
    print("|---|---|---|---|---|---|", flush=True)
    for task in (bare, ours):
        in_inspect(task, evals=1)
    direct()
    for i in range(rounds):
        slow, hosted, fast = in_inspect(bare), in_inspect(ours), direct()
        print(
            f"| {i + 1} | {fast:.0f} | {slow:.1f} | {hosted:.1f} | {fast / slow:.1f} | {slow / hosted:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
