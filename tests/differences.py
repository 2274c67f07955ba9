"""Snapshots of what a level changes in what agents are shown."""

import difflib
from pathlib import Path

import pytest


def assert_changes_as_before(file: Path, base: str, now: str, level: str) -> None:
    """Compare the lines that a level changes with their snapshot; one that is not there is written, to be looked at."""
    lines = difflib.unified_diff(base.splitlines(), now.splitlines(), "default", level, lineterm="", n=0)
    diff = "\n".join(lines) + "\n"
    assert diff.strip(), "a level that changes nothing is a label and no arm"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(diff)
        pytest.fail(f"{file} was written; look at it and commit it")
    assert diff == file.read_text()
