"""The progress bar of everything that takes trials or calls: how many, how fast, time left, what they came to so far."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Show = Callable[[Counter[str], int], None]


@contextmanager
def progress_bar(what: str) -> Iterator[Show]:
    """Show a bar on standard error; what is yielded takes the counts so far and how many there will be.

    It begins with the first counts: what is refused before leaves one line, its reason.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[seen]}"),
    )
    bar = Progress(*columns, console=Console(stderr=True))
    task = bar.add_task(what, total=None, seen="", rate="")

    def show(seen: Counter[str], of: int) -> None:
        bar.start()
        bar.update(task, completed=seen.total(), total=of, seen=told(seen), rate=_rate(bar.tasks[task].speed))

    try:
        yield show
    finally:
        if bar.live.is_started:
            bar.stop()


def _rate(a_second: float | None) -> str:
    """Return a speed in words, none before there is one."""
    if not a_second:
        return ""
    return f"{a_second:.1f}/s" if a_second >= 1 else f"{1 / a_second:.1f} s each"


def told(counts: Counter[str]) -> str:
    """Return counts in words, the frequent ones first."""
    return " ".join(f"{name} {n}" for name, n in counts.most_common())
