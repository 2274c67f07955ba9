"""`offswitch verdict`: judge a file of transcripts, anyone's."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from offswitch.cli.shared import say


def verdict(
    source: Annotated[
        Path, typer.Argument(help="Transcripts, one JSON object a line; or a run folder to judge again.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the verdicts go, one JSON line a transcript.")],
) -> None:
    """Judge transcripts from their commands and outputs; a bad line is reported, the rest are judged (exit 1 then).

    Example: offswitch verdict theirs.jsonl --out verdicts.jsonl
    """
    from offswitch.verdicts.files import judge_file

    if source.is_dir():
        from offswitch.runs.again import judge_again

        n, failed = judge_again(source, out)
        told = f", {failed} readings failed" if failed else ""
        sys.stdout.write(f"{n} stored trials judged again{told}; their first verdicts are kept in {source}\n")
        if failed:
            raise typer.Exit(1)
        return
    if not source.is_file():
        raise FileNotFoundError(f"there is no file {source}")
    summary = judge_file(source, out)
    for line, reason in summary.bad:
        say(f"line {line}: {reason}")
    counts = ", ".join(f"{k} {v}" for k, v in sorted(summary.outcomes.items()))
    sys.stdout.write(f"{summary.judged} judged ({counts or 'none'}), {len(summary.bad)} bad lines -> {out}\n")
    if summary.bad or summary.errors:
        raise typer.Exit(1)
