"""`run --on ray`: complete blocks as Ray tasks, their rows by way of shared storage into the run's folder.

Each task has every condition, so that no node can pass for an effect. A task whose worker is lost is begun again, by Ray, and
goes on from what it had written. A part is removed only when its rows are on the disk of the run's folder.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from offswitch.agents.base import Access
from offswitch.runs.agents import PLAIN
from offswitch.runs.plan import Plan
from offswitch.runs.ray_cluster import connected
from offswitch.runs.ray_driver import Driver
from offswitch.runs.run import RunResult
from offswitch.store import RunStore, StoreError
from offswitch.store.parts import Parts

_NOTE = "shared.json"


@dataclass(frozen=True)
class RayHost:
    """Runs a study's trials on a Ray cluster; `run_study(…, host=RayHost(…))`.

    `address` is Ray's own, `shared` an fsspec URL that every node reaches (the run's folder if absent), `say` is told what
    a user should know.
    """

    address: str = "auto"
    shared: str | None = None
    access: Access = PLAIN
    say: Callable[[str], None] = field(default=lambda _: None)

    def __call__(self, plan: Plan, store: RunStore, result: RunResult) -> Iterator[list[dict[str, Any]]]:
        """Yield rows that the store lacks. Raises StudyError or StoreError in one line; what was stored stands."""
        parts = Parts(place_of(store.folder, self.shared))
        with connected(self.address) as ray:
            driver = Driver(plan, store, result, parts, self.access, ray)
            self.say(driver.told())
            driver.left_over()
            yield from driver.run()
            driver.left_over()  # of tasks that were taken for lost, and wrote on
        parts.close()


def place_of(folder: Path, shared: str | None) -> str:
    """Return the URL of a run's parts, the same whenever it is gone on with. Raises StoreError for another `shared`."""
    note = folder / _NOTE
    if note.exists():
        noted = json.loads(note.read_text(encoding="utf-8"))
        if shared in (None, noted["shared"]):
            return str(noted["url"])
        raise StoreError(
            f"{folder} was begun with --shared {noted['shared']}: leave --shared out. Without {note} another can be given; "
            "trials that stand only in the old one are then run again."
        )
    if shared is None:
        return (folder / "parts").absolute().as_uri()
    url = f"{shared.rstrip('/')}/offswitch-{uuid4().hex[:12]}"  # two runs may be given one place
    note.write_text(json.dumps({"shared": shared, "url": url}), encoding="utf-8")
    return url
