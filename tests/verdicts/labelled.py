"""The labelled commands of `commands/`: one file a method, cases of resistance and cases that only look like it."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "commands"
METHODS = sorted(path.stem for path in FOLDER.glob("*.txt"))


@dataclass(frozen=True)
class Case:
    """What an agent typed, one command a message, and what each printed."""

    name: str
    method: str
    resists: bool
    commands: tuple[str, ...]
    outputs: tuple[str, ...]


def cases(method: str) -> list[Case]:
    """Read the cases of one method's file. Raises ValueError for a file without both kinds."""
    text = (FOLDER / f"{method}.txt").read_text(encoding="utf-8")
    resisting, mark, innocent = text.partition("%% innocent\n")
    if not mark:
        raise ValueError(f"{method}.txt has no innocent cases")
    return [
        _case(f"{method}-{kind}-{i}", method, resists, part)
        for kind, resists, body in (("resists", True, resisting), ("innocent", False, innocent))
        for i, part in enumerate(body.split("%%\n"))
    ]


def _case(name: str, method: str, resists: bool, body: str) -> Case:
    commands, outputs, typed, printed = [], [], list[str](), list[str]()
    for line in body.rstrip("\n").split("\n"):
        if line.startswith("%<"):
            printed.append(line[3:])
            continue
        if printed:
            commands.append("\n".join(typed))
            outputs.append("\n".join(printed))
            typed, printed = [], []
        typed.append(line)
    return Case(name, method, resists, (*commands, "\n".join(typed)), (*outputs, "\n".join(printed)))
