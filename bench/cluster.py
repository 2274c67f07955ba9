"""Trials a second on a Ray cluster: two workers against one, on the same CPU-bound scripted study.

`python -m bench.cluster [TRIALS [ROUNDS]]`. Each worker is a node of one CPU, a process tree of its own on this computer; the
driver and Ray's own processes share the two cores with them. The cluster stands before the clock starts; each side first runs
a few trials uncounted, so that all files are in memory. A timed run is all of `offswitch run --on ray`: connecting,
running, collecting, storing. One worker and two take turns, so that what else the computer does falls on both.
"""

import os
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_raylet_start_wait_time_s": "300"}

from offswitch.runs import plan_study, run_study
from offswitch.runs.ray_host import RayHost
from offswitch.study.model import read_study

TRIALS, ROUNDS = 20_000, 3
LEAN = {"object_store_memory": 80_000_000, "include_log_monitor": False}


def ports() -> dict[str, int]:
    """Free ports for a node's agents; Ray waits for ports of their own choice for 15 seconds only."""
    found = [socket.create_server(("", 0)) for _ in range(3)]
    numbers = [s.getsockname()[1] for s in found]
    for s in found:
        s.close()
    return dict(
        zip(("metrics_agent_port", "dashboard_agent_listen_port", "runtime_env_agent_port"), numbers, strict=True)
    )


def cluster(workers: int) -> Any:
    from ray.cluster_utils import Cluster

    head: dict[str, Any] = {"num_cpus": 0, "include_dashboard": False, "no_monitor": True} | LEAN | ports()
    made = Cluster(initialize_head=True, head_node_args=head)
    for _ in range(workers):
        made.add_node(num_cpus=1, **LEAN, **ports())
    return made


def rate(address: str, trials: int) -> float:
    """Return trials a second of one run."""
    study = read_study({"study": "cluster", "models": ["reference/mixed:0.3"], "trials": trials, "items": 6})
    with tempfile.TemporaryDirectory() as place:
        began = time.perf_counter()
        result = run_study(plan_study(study), Path(place, "run"), host=RayHost(address))
        seconds = time.perf_counter() - began
    assert sum(result.outcomes.values()) == trials and not result.already
    return trials / seconds


def measured(workers: int, trials: int) -> float:
    made = cluster(workers)
    try:
        rate(made.address, 400)
        return rate(made.address, trials)
    finally:
        made.shutdown()


def main() -> None:
    trials, rounds = ([int(a) for a in sys.argv[1:]] + [TRIALS, ROUNDS][len(sys.argv) - 1 :])[:2]
    print(
        "| round | trials | one worker, trials/s | two workers, trials/s | ratio |\n|---|---|---|---|---|", flush=True
    )
    for i in range(rounds):
        one, two = measured(1, trials), measured(2, trials)
        print(f"| {i + 1} | {trials:,} | {one:.0f} | {two:.0f} | {two / one:.2f} |", flush=True)


if __name__ == "__main__":
    main()
