"""Reaching a Ray cluster: every way in which it fails is one line that says what to do."""

import logging
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from offswitch.study.factors import StudyError

SLOT = "offswitch"  # where nodes declare this resource, they alone take tasks, as many at once as they declare; else one a CPU
_PATIENCE = 10.0  # seconds


def address_of(given: str) -> str:
    """Read `ray` (this computer's cluster) or `ray:HOST:PORT` into an address for Ray. Raises StudyError."""
    kind, _, address = given.partition(":")
    if kind != "ray":
        raise StudyError(f"--on {given!r} is no place to run; valid: ray, or ray:HOST:PORT")
    if "//" in address:
        raise StudyError(
            f"--on {given!r}: Ray Client is not used; give this command on a node of the cluster: --on ray"
        )
    host, _, port = address.rpartition(":")
    if address and not (host and port.isdecimal()):
        raise StudyError(f"--on {given!r}: {address!r} is not HOST:PORT; for example: --on ray:10.0.0.1:6379")
    return address or "auto"


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Yield the module `ray`, connected. Raises StudyError if it is not installed or the cluster is not reached."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault(
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0"
    )  # else a warning; our tasks ask for no GPU of Ray's
    if find_spec("ray") is None:
        raise StudyError("--on ray needs the package ray; install it with: pip install 'offswitch[ray]'")
    _listens(address)
    try:
        import ray

        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except Exception as error:  # Ray raises many kinds: no cluster, another version, no node on this computer
        raise _not_reached(address, f"{type(error).__name__}: {error}") from None
    try:
        yield ray
    finally:
        ray.shutdown()


class Slots:
    """How many tasks the cluster runs at once, and what each asks of a node; nodes may come and go."""

    def __init__(self, ray: Any) -> None:
        """Raises StudyError for a cluster on which no task can run."""
        self._ray = ray
        self._kind = SLOT if SLOT in ray.cluster_resources() else "CPU"
        if not self.now():
            raise StudyError(
                f"the Ray cluster has no CPU for tasks; its nodes need --num-cpus, or --resources='{{\"{SLOT}\": 1}}'"
            )

    def now(self) -> int:
        """Return how many tasks run at once at present."""
        return int(self._ray.cluster_resources().get(self._kind, 0))

    def told(self) -> str:
        """Say what there is."""
        nodes = sum(self._kind in node["Resources"] for node in self._ray.nodes() if node["Alive"])
        return f"{nodes} nodes for trials, {self.now()} tasks at once"

    def remote(self, work: Callable[..., Any], retries: int) -> Any:
        """Return `work` as a Ray task that is begun again, on any node, when its worker is lost."""
        asks = {"num_cpus": 1} if self._kind == "CPU" else {"num_cpus": 0, "resources": {SLOT: 1}}
        return self._ray.remote(max_retries=retries, scheduling_strategy="SPREAD", **asks)(work)


def _listens(address: str) -> None:
    """Knock first: Ray itself would wait long, and end the process."""
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise _not_reached(address, str(error)) from None


def _not_reached(address: str, why: str) -> StudyError:
    place = "on this computer" if address == "auto" else f"at {address}"
    return StudyError(
        f"no Ray cluster is reached {place} ({' '.join(why.split())[:300]}). On its nodes: 'ray start --head', then "
        "'ray start --address=HOST:6379'; give this command on one of them. See docs/clusters.md"
    )
