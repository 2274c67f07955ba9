"""Coroutines side by side, their results in the order they were given: the next begins as soon as any is done."""

import asyncio
from collections import deque
from collections.abc import Coroutine, Iterator
from itertools import islice
from typing import Any, TypeVar

T = TypeVar("T")
_AHEAD = 8  # how many times `width` may have begun while the oldest is still under way


def side_by_side(loop: asyncio.Runner, work: Iterator[Coroutine[Any, Any, T]], width: int) -> Iterator[T]:
    """Run at most `width` at once on the loop and yield each result in order; what one raises is raised in its place.

    Between two results the loop stands still, so the reader should be quick. If reading stops early, what is under
    way is cancelled with the loop.
    """
    begun: deque[asyncio.Task[T]] = deque()
    while True:
        free = min(width - sum(not task.done() for task in begun), _AHEAD * width - len(begun))
        begun += [loop.get_loop().create_task(one) for one in islice(work, max(0, free))]
        if not begun:
            return
        loop.run(_any([task for task in begun if not task.done()]))  # listed before the loop runs: some end at once
        while begun and begun[0].done():
            yield begun.popleft().result()


async def _any(tasks: "list[asyncio.Task[Any]]") -> None:
    """Return when one of them is done."""
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
