"""A Ray cluster of several node processes on this computer, as a process of its own: `python ray_nodes.py CPUS…`.

It prints its address and the ids of its raylets as JSON, and ends when its input is closed. The head takes no tasks.
"""

import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

# A busy computer is no fault of the code: Ray itself gives its processes 15 or 30 seconds to come up.
os.environ |= {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_raylet_start_wait_time_s": "240",
    "RAY_gcs_server_port_wait_time_s": "240",
}
AGENTS = ("metrics_agent_port", "metrics_export_port", "dashboard_agent_listen_port", "runtime_env_agent_port")
LEAN = {"object_store_memory": 80_000_000, "include_log_monitor": False}


def ports() -> dict[str, int]:
    """Free ports for a node's agents: where they choose themselves, a raylet waits for it, 15 seconds at most."""
    found = [socket.create_server(("", 0)) for _ in AGENTS]
    numbers = [s.getsockname()[1] for s in found]
    for s in found:
        s.close()
    return dict(zip(AGENTS, numbers, strict=True))


def without_waiting() -> None:
    """Note the one port that a raylet waits for although it was given."""
    from ray._private.node import Node

    start = Node.start_raylet

    def start_raylet(self: Any, *args: Any, **more: Any) -> Any:
        note = Path(self._session_dir, f"dashboard_agent_listen_port_{self._node_id}")
        note.write_text(str(self._ray_params.dashboard_agent_listen_port))
        return start(self, *args, **more)

    Node.start_raylet = start_raylet


def main() -> None:
    from ray.cluster_utils import Cluster

    without_waiting()
    head: dict[str, Any] = {"num_cpus": 0, "include_dashboard": False, "no_monitor": True} | LEAN | ports()
    cluster = Cluster(initialize_head=True, head_node_args=head)
    nodes = [cluster.add_node(wait=False, num_cpus=int(n), **LEAN, **ports()) for n in sys.argv[1:]]
    cluster.wait_for_nodes(timeout=300)
    raylets = [node.all_processes["raylet"][0].process.pid for node in nodes]
    print(json.dumps({"address": cluster.address, "raylets": raylets}), flush=True)
    sys.stdin.read()
    cluster.shutdown()


if __name__ == "__main__":
    main()
