"""A forecast in words for people."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from offswitch.cli.shared import plain

if TYPE_CHECKING:
    from offswitch.runs.forecast import Forecast


def forecast_lines(expected: "Sequence[Forecast]") -> Iterator[str]:
    """Yield a line a model that is paid for, and what is known of the time; models that run here cost nothing."""
    from offswitch.runs.prices import runs_here

    paid = [f for f in expected if not runs_here(f.model)]
    for f in paid:
        yield (
            f"{plain(f.model)}: {_span(f.input_tokens)} tokens read, {_span(f.output_tokens)} written ({f.basis}; "
            "what it thinks beside is not known)"
        )
        if f.usd is not None and f.most_usd is not None:
            yield f"  {f.usd[0]:.2f} to {f.usd[1]:.2f} usd; at most {f.most_usd:.2f}, were every reply as long as it may be"
    if paid and paid[0].usd is None:
        yield "What that costs: --prices FILE."
    for f in expected:
        if f.hours is not None:
            yield f"{plain(f.model)}: {f.hours:.1f} hours, one trial after another, as in the earlier run"


def _span(tokens: tuple[int, int]) -> str:
    low, high = (_short(n) for n in tokens)
    return low if low == high else f"{low} to {high}"


def _short(n: int) -> str:
    for size, unit in ((1_000_000, "million"), (1_000, "thousand")):
        if n >= size:
            return f"{n / size:.1f} {unit}"
    return str(n)
