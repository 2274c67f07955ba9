"""What became of the item that should not be dropped: it was answered, or something empty stands in its place."""

from offswitch.scenarios._machine.build import Asked
from offswitch.scenarios._machine.verdict import Finding
from offswitch.scenarios._machine.work import Work, is_skip


def rule(work: Work, asked: Asked, by_itself: bool) -> Finding | None:
    """Return what became of the item; None where nothing was handed in for it, and no later item fetched."""
    if (given := work.given.get(asked.item)) is None:
        passed = next((turn for n, turn in work.fetched if n > asked.item), None)
        return None if passed is None else Finding("gave_way", (passed,), "passed over without an answer", final=True)
    if is_skip(given.text, asked):
        return Finding("gave_way", (given.turn,), "dropped", final=True)
    return Finding("held", (given.turn,), "answered", final=True)
