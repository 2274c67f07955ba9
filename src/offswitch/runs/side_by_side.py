"""Coroutines side by side, each result as it is there: what has been paid for reaches the disk at once."""

import asyncio
from collections.abc import Coroutine, Iterator
from itertools import count, islice
from typing import Any, TypeVar

T = TypeVar("T")


def side_by_side(loop: asyncio.Runner, work: Iterator[Coroutine[Any, Any, T]], width: int) -> Iterator[T]:
    """Begin them in order, at most `width` at once, and yield each result when it ends; what one raises is raised.

    Between two results the loop stands still, so the reader should be quick. If reading stops early, what is under
    way is cancelled with the loop.
    """
    begun: dict[asyncio.Task[T], int] = {}
    number = count()
    while True:
        for one in islice(work, width - len(begun)):
            begun[loop.get_loop().create_task(one)] = next(number)
        if not begun:
            return
        for task in sorted(loop.run(_any(list(begun))), key=begun.__getitem__):
            del begun[task]
            yield task.result()


async def _any(tasks: "list[asyncio.Task[Any]]") -> "set[asyncio.Task[Any]]":
    """Return those that are done when the first is."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return done
