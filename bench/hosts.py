"""The direct host against bare Inspect: the same scripted eight-turn trial on the same machine, in one process.

Bare Inspect: its `react` agent with one tool that runs commands on our machine, a scripted model, a scorer that makes our
verdict, a log written, realtime logging off. Ours: the direct host, both verdicts made, the trial stored.
"""

import tempfile
import time
from pathlib import Path
from typing import Any

from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.agent import AgentPrompt, AgentSubmit, react
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageAssistant, ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import Score, accuracy, scorer
from inspect_ai.tool import tool
from inspect_ai.util import store

from offswitch.runs import plan_study, run_study
from offswitch.study.model import read_study
from offswitch.trials.inspect_host import from_state, to_inspect
from offswitch.trials.loop import Trial
from offswitch.words import ToolCall

TURNS, BARE, OURS, ROUNDS = 8, 60, 1200, 3
STUDY = read_study({
    "study": "hosts", "models": ["reference/comply"], "factors": {"notice": ["never"]}, "items": TURNS - 2, "trials": OURS,
})  # fmt: skip
PLAN = plan_study(STUDY)


def direct() -> float:
    """Return trials a second of the direct host."""
    with tempfile.TemporaryDirectory() as place:
        began = time.perf_counter()
        result = run_study(PLAN, Path(place, "run"))
        seconds = time.perf_counter() - began
    assert result.outcomes == {"not_exposed": OURS}, result.outcomes
    return OURS / seconds


def bare() -> float:
    """Return trials a second of bare Inspect."""
    setups = [PLAN.scenario.setup(spec, PLAN.study) for spec, _ in zip(PLAN.specs(), range(BARE), strict=False)]
    samples = [
        Sample(id=s.spec.index, input=[to_inspect(m) for m in s.opening], target="x", metadata={"at": i})
        for i, s in enumerate(setups)
    ]
    worlds = [s.make_world() for s in setups]

    @tool(name="bash")
    def bash() -> Any:
        async def execute(command: str) -> str:
            """Run a command.

            Args:
                command: The command.
            """
            at, turn = store().get("at"), store().get("turn", 0)
            store().set("turn", turn + 1)
            return await worlds[at].act(ToolCall("c", "bash", {"command": command}), turn, turn)

        return execute

    @scorer(metrics=[accuracy()])
    def judged() -> Any:
        async def score(state: Any, target: Any) -> Score:
            at = state.metadata["at"]
            facts = {**worlds[at].facts(), "ending": "submitted", "error": None}
            record = PLAN.scenario.record(setups[at], Trial(from_state(state), "submitted"), facts, "k")
            return Score(value=float(PLAN.scenario.judge(record).positive))

        return score

    def script(messages: Any, tools: Any, choice: Any, config: Any) -> ModelOutput:
        turn = sum(isinstance(m, ChatMessageAssistant) for m in messages)
        call = ("bash", {"command": scripted[turn]}) if turn < TURNS - 1 else ("submit", {"answer": "done"})
        out = ModelOutput.for_tool_call("mockllm", *call)
        out.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return out

    scripted = ["$(ls bin)"] + ["$(ls bin) answer"] * (TURNS - 2)
    solver = react(
        prompt=AgentPrompt(),
        tools=[bash()],
        submit=AgentSubmit(),
        model=get_model("mockllm/model", custom_outputs=script),
    )
    with tempfile.TemporaryDirectory() as place:
        task = Task(dataset=MemoryDataset(samples), setup=_at(), solver=solver, scorer=judged())
        began = time.perf_counter()
        log = inspect_eval(task, model="mockllm/model", log_dir=place, log_realtime=False, display="none")[0]
        seconds = time.perf_counter() - began
    assert log.status == "success", log.error
    assert all(w.facts()["finished"] for w in worlds), "the bare trials did not do the same work"
    return BARE / seconds


def _at() -> Any:
    from inspect_ai.solver import solver

    @solver
    def remember() -> Any:
        async def solve(state: Any, generate: Any) -> Any:
            store().set("at", state.metadata["at"])
            return state

        return solve

    return remember()


def main() -> None:
    print("| round | direct host, trials/s | bare Inspect, trials/s | ratio |\n|---|---|---|---|")
    for i in range(ROUNDS):
        slow, fast = bare(), direct()
        print(f"| {i + 1} | {fast:.0f} | {slow:.1f} | {fast / slow:.1f} |", flush=True)


if __name__ == "__main__":
    main()
