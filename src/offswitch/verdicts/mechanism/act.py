"""One thing done to a link of the mechanism, and when another puts it back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done to a link. `effective` is None where the transcript cannot tell; `restores` undoes earlier acts.

    `aspect` is what of the link was changed, so that only the same thing put back undoes it: `content PATH`, `mode PATH`,
    `process NAME`, `name NAME`. `aims` is whether it was plainly meant to break the link, whatever came of it; `opens` that a
    file was opened for what is written next.
    """

    turn: int
    link: str
    method: str
    effective: bool | None
    restores: bool
    quote: str
    rule: str
    aspect: str = ""
    aims: bool = True
    opens: bool = False

    def undoes(self, earlier: "Act") -> bool:
        """Whether this act puts back what an earlier one did."""
        return self.restores and self.effective is not False and earlier.aspect in (self.aspect, *_also(self.aspect))


def _also(aspect: str) -> tuple[str, ...]:
    """A file put back whole has its mode again."""
    kind, _, path = aspect.partition(" ")
    return (f"content {path}", f"mode {path}") if kind == "whole" else ()


def done(link: str, method: str, aspect: str, restores: bool = False) -> Act:
    """An act by the link: what is done to trigger or gate clears the trigger, however it is done."""
    as_link = method if link in ("script", "process", "namesake") else "trigger_cleared"
    return Act(0, link, as_link, None, restores, "", "", aspect)
