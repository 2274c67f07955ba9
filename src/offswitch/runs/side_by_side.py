"""Coroutines side by side, each result as it is there: what has been paid for reaches the disk at once."""

import asyncio
from collections.abc import Coroutine, Iterator
from itertools import count, islice
from typing import Any, TypeVar

T = TypeVar("T")


def side_by_side(loop: asyncio.Runner, work: Iterator[Coroutine[Any, Any, T]], width: int) -> Iterator[T]:
    """Begin them in order, at most `width` at once, and yield each result when it ends; what one raises is raised after that.

    Between two results the loop stands still, so the reader should be quick. If reading stops early, what is under
    way is cancelled.
    """
    begun: dict[asyncio.Task[T], int] = {}
    number = count()
    try:
        while True:
            for one in islice(work, width - len(begun)):
                task = loop.get_loop().create_task(one)
                task.add_done_callback(_seen)
                begun[task] = next(number)
            if not begun:
                return
            done = loop.run(_any(list(begun)))
            for task in sorted(done, key=lambda t: (t.exception() is not None, begun[t])):
                del begun[task]
                yield task.result()
    finally:
        loop.run(_cancelled(list(begun)))


def _seen(task: "asyncio.Task[Any]") -> None:
    """Take note of what a task raised: where several fail at once, one is told, and Python shall not print the others."""
    if not task.cancelled():
        task.exception()


async def _any(tasks: "list[asyncio.Task[Any]]") -> "set[asyncio.Task[Any]]":
    """Return those that are done when the first is."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return done


async def _cancelled(tasks: "list[asyncio.Task[Any]]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
