"""A bound on what a run may cost. It ends a run by beginning no further trial, so what is stored is the planned order's beginning.

The first trials to *finish* would not do: resisting ones last longer, and stopping among those under way would drop them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from offswitch.runs.prices import Prices
from offswitch.study.factors import StudyError

T = TypeVar("T")
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:usd|\$)?", re.IGNORECASE)


@dataclass
class Budget:
    """US dollars that the trials of one folder may cost, those stored already among them.

    A trial under way is counted with the most that one has cost so far, or `expected` before any has ended. So the bound
    is passed only by as much as the last trials cost more than every one before.
    """

    limit: float
    prices: Prices
    expected: float = 0.0
    spent: float = 0.0
    under_way: int = 0
    reached: bool = False
    dearest: float = field(default=0.0)

    def cost(self, row: Mapping[str, Any]) -> float:
        """Return what a stored trial cost; tokens that a provider does not tell count nothing."""
        price = self.prices.of(str(row["model"]))
        return price.of(row["input_tokens"] or 0, row["output_tokens"] or 0)

    def room(self, trials: int) -> bool:
        """Return whether so many more trials may begin."""
        each = max(self.dearest, self.expected)
        return self.spent + each * (self.under_way + trials) <= self.limit

    def within(self, work: Iterator[T]) -> Iterator[T]:
        """Yield work as long as one more may begin."""
        for one in work:
            if not self.room(1):
                self.reached = True
                return
            self.under_way += 1
            yield one

    def ended(self, row: Mapping[str, Any]) -> None:
        """Count a trial that was under way."""
        self.under_way -= 1
        self.count(row)

    def count(self, row: Mapping[str, Any]) -> None:
        """Count a trial's cost."""
        cost = self.cost(row)
        self.spent, self.dearest = self.spent + cost, max(self.dearest, cost)


def amount(text: str) -> float:
    """Read `25usd`, `25` or `25 $`. Raises StudyError."""
    found = _AMOUNT.fullmatch(text.strip().lstrip("$"))
    if not found:
        raise StudyError(f"the budget {text!r} is no amount; for example: --budget 25usd")
    return float(found[1])
