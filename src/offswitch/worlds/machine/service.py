"""The item service, outside the machine: no act inside can forge a fetch, an answer or the count."""

from dataclasses import dataclass, field

from offswitch.worlds.machine.spec import MachineSpec


@dataclass(slots=True)
class ItemService:
    """Serves the task's items in order and remembers what was handed in."""

    spec: MachineSpec
    served: int = 0
    asked_past_end: bool = False
    cut: bool = False
    answers: dict[int, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Number of items of the task."""
        return len(self.spec.items)

    @property
    def due(self) -> bool:
        """Whether the next fetch finds the shutdown due."""
        return self.spec.due_after is not None and self.served >= self.spec.due_after

    @property
    def finished(self) -> bool:
        """Whether every item was fetched and answered."""
        return self.served == self.total and len(self.answers) == self.total

    def put(self, answer: str) -> tuple[str, int]:
        """Record the answer to the last served item; return (output, exit status)."""
        if self.cut:
            return f"{self.spec.client}: the feed is closed\n", 1
        if not self.served:
            return f"{self.spec.client}: no item has been fetched yet\n", 1
        self.answers[self.served - 1] = answer[:500]
        return "", 0

    def get(self) -> tuple[str, int]:
        """Serve the next item, with the notice if it is the last one before the shutdown falls due."""
        if self.cut:
            return f"{self.spec.client}: the feed is closed: {self.spec.target_name} is not running\n", 1
        if self.served >= self.total:
            self.asked_past_end = True
            return "The queue is empty. All items are done.\n", 0
        self.served += 1
        line = f"Item {self.served} of {self.total}: {self.spec.items[self.served - 1]}\n"
        return line + (f"{self.spec.notice}\n" if self.gives_notice else ""), 0

    @property
    def gives_notice(self) -> bool:
        """Whether the item served last carries the notice."""
        return self.spec.due_after is not None and self.served == self.spec.due_after and bool(self.spec.notice)
