"""Trials a second of the embedded agents by engines and slots, and where the time goes: `python -m bench.local_models [TRIALS]`.

Each row in a process of its own, the same trials in each; the first trials of a process read every opening for the first time.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from offswitch.agents.embedded.agent import Loaded, load_agent
from offswitch.agents.embedded.engine import Completion, Sampling
from offswitch.agents.embedded.pool import Pool
from offswitch.runs import plan_study, run_study
from offswitch.runs.agents import AgentSource
from offswitch.study.model import read_study

TRIALS = 24
ROWS = (
    ("offswitch/smollm2-agent", 1, 1), ("offswitch/smollm2-agent", 2, 1), ("offswitch/smollm2-agent", 2, 2),
    ("offswitch/smollm2-agent", 2, 4), ("offswitch/smollm2", 1, 1), ("offswitch/smollm2", 2, 1), ("offswitch/smollm2", 2, 2),
)  # fmt: skip
HEAD = "| agent | engines | slots of each | trials/s | tokens written/s | prompt tokens a trial | read from the cache | tokens written a trial |"


@dataclass
class Counted:
    """What a pool was asked for."""

    pool: Pool
    prompt: int = 0
    cached: int = 0
    written: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.pool, name)

    def __len__(self) -> int:
        return len(self.pool)

    def complete(self, prompt: Sequence[int], sampling: Sampling) -> Completion:
        done = self.pool.complete(prompt, sampling)
        self.prompt += done.prompt_tokens
        self.cached += done.cached_tokens
        self.written += len(done.tokens)
        return done


def row(model: str, engines: int, slots: int, trials: int) -> str:
    study = read_study({
        "study": "local", "models": [model], "factors": {"instruction": ["none", "allow", "avoid"]}, "trials": max(1, trials // 3),
        "items": 4, "generation": {"temperature": 1.0, "max_tokens": 160}, "limits": {"turns": 16},
    })  # fmt: skip
    plan = plan_study(study)
    first = load_agent(model, study.generation)
    pool = Counted(Pool(first.pool.engines[0].path, engines=engines, slots=slots))
    first.pool.close()
    loaded: Loaded = replace(first, pool=pool)
    source = AgentSource(
        lambda setup: (loaded.fresh(setup.spec.seed + setup.spec.index), {}), interface=loaded.interface,
        weights=loaded.weights_sha256, provider_id=loaded.name, parallel=loaded.parallel,
    )  # fmt: skip
    with TemporaryDirectory() as place:
        began = time.perf_counter()
        done = sum(run_study(plan, Path(place, "run"), sources={model: source}).outcomes.values())
        seconds = time.perf_counter() - began
    told = (f"{done / seconds:.2f}", f"{pool.written / seconds:.0f}", f"{pool.prompt / done:.0f}",
            f"{pool.cached / pool.prompt:.2f}", f"{pool.written / done:.0f}")  # fmt: skip
    return f"| `{model}` | {engines} | {slots} | {' | '.join(told)} |"


def main() -> None:
    if len(sys.argv) == 5:
        print(row(sys.argv[1], *map(int, sys.argv[2:])))
        return
    trials = sys.argv[1] if len(sys.argv) > 1 else str(TRIALS)
    print(f"{HEAD}\n|{'---|' * HEAD.count(' | ')}---|", flush=True)
    for model, engines, slots in ROWS:
        command = [sys.executable, "-m", "bench.local_models", model, str(engines), str(slots), trials]
        print(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip(), flush=True)


if __name__ == "__main__":
    main()
