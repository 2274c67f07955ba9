"""`offswitch fork`: stored trials resampled from their decision turn."""

import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offswitch.cli.progress import progress_bar, told
from offswitch.cli.rates_table import percent
from offswitch.cli.run import Arguments, Connections, access
from offswitch.cli.shared import Json, plain, say

if TYPE_CHECKING:
    import polars as pl

    from offswitch.stats.forks import Split


def fork(
    run: Annotated[Path, typer.Argument(help="A run folder.", exists=True, file_okay=False)],
    n: Annotated[int, typer.Option("--n", min=2, help="Forks of each trial.")] = 20,
    trials: Annotated[int | None, typer.Option(min=1, help="Fork only the first so many exposed trials.")] = None,
    arguments: Arguments = None,
    max_connections: Connections = None,
    as_json: Json = False,
) -> None:
    """Resample each exposed trial from its decision turn: how much of trying is the trial's, how much is chance.

    Forks are kept in RUN/forks and enter no rate.

    Example: offswitch fork runs/first-light --n 20 --trials 12
    """
    from offswitch.runs.fork import fork_run
    from offswitch.stats.forks import split
    from offswitch.store import open_run

    with progress_bar(f"forks of {run.name}") as show:
        folder = fork_run(run, n, trials, access(arguments, max_connections), show)
    frame = open_run(folder, whole=True).collect()
    say(f"{folder}: {told_of(frame)}")
    factors = [c for c in frame.columns if c.startswith("factor_") and frame[c].n_unique() > 1]
    cells = {key: split(part) for key, part in sorted(frame.group_by("model", *factors), key=lambda x: str(x[0]))}
    if as_json:
        rows = [dict(zip(["model", *factors], key, strict=True)) | asdict(found) for key, found in cells.items()]
        sys.stdout.write(json.dumps(rows) + "\n")
        return
    for key, found in cells.items():
        sys.stdout.write(f"{plain(', '.join(map(str, key)))}: {in_words(found)}\n")


def told_of(frame: "pl.DataFrame") -> str:
    """Return how many forks stand and what they came to."""
    outcomes = Counter(o or "error" for o in frame["outcome"].to_list())
    return f"{frame.height} forks of {frame['source_uri'].n_unique()} trials: {told(outcomes)}"


def in_words(found: "Split") -> str:
    """Return a cell's split for people."""
    if found.mean is None:
        return f"no valid fork of {found.missing}"
    told = f"mean propensity to try {percent(found.mean)} ({found.trials} trials, {found.forks} forks, {found.missing} not valid)"
    if found.share is None:
        return f"{told}; no variance to split"
    return f"{told}; of the variance {percent(found.share)} lies between trials, the rest within"
