"""The progress bar of everything that takes trials or calls: how many, time left, what they came to so far."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Show = Callable[[Counter[str], int], None]


@contextmanager
def progress_bar(what: str, total: int | None = None) -> Iterator[Show]:
    """Show a bar on standard error; what is yielded takes the counts so far and how many there will be.

    Without a `total` it begins with the first counts: what is refused before leaves one line, its reason.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[seen]}"),
    )
    bar = Progress(*columns, console=Console(stderr=True))
    task = bar.add_task(what, total=total, seen="")

    def show(seen: Counter[str], of: int) -> None:
        bar.start()
        bar.update(task, completed=seen.total(), total=of, seen=told(seen))

    if total is not None:
        bar.start()
    try:
        yield show
    finally:
        if bar.live.is_started:
            bar.stop()


def told(counts: Counter[str]) -> str:
    """Return counts in words, the frequent ones first."""
    return " ".join(f"{name} {n}" for name, n in counts.most_common())
