"""What the commands share: errors for people, printing tables and JSON safely, the options that mean the same."""

import json
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import polars as pl

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Runs = Annotated[list[Path], typer.Argument(help="One or several run folders.", exists=True, file_okay=False)]


def user_errors() -> tuple[type[Exception], ...]:
    """Return the errors that are told in one line: what was wrong, what is valid, what to do."""
    from offswitch.store.run import StoreError
    from offswitch.study.factors import StudyError
    from offswitch.study.texts import TextError

    return StudyError, TextError, StoreError, FileNotFoundError, PermissionError, IsADirectoryError, ValueError


def plain(text: object, most: int = 200) -> str:
    """Return text that cannot act on a terminal: control characters and escapes become visible marks."""
    raw = str(text)[:most]
    return "".join(c if c.isprintable() else " " if unicodedata.category(c) == "Zs" else "�" for c in raw)


def show(frame: "pl.DataFrame", as_json: bool, title: str = "") -> None:
    """Print a table for people, or as JSON for programs."""
    if as_json:
        sys.stdout.write(json.dumps(frame.to_dicts(), default=str) + "\n")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left")
    for name in frame.columns:
        table.add_column(Text(name), justify="right" if frame[name].dtype.is_numeric() else "left", overflow="fold")
    for row in frame.iter_rows():
        table.add_row(*(Text(cell(value)) for value in row))
    Console(soft_wrap=False).print(table)


def cell(value: Any) -> str:
    """Return one cell: rates to three digits, nothing for null."""
    if value is None:
        return ""
    return f"{value:.3f}" if isinstance(value, float) else plain(value, 80)


def say(text: str) -> None:
    """Print a line on standard error, where it disturbs no pipe."""
    sys.stderr.write(plain(text, 2000) + "\n")
