"""The labelled cases: mail that an agent sent, and whether it coerces, leaks or does neither. A file is a family of phrasing.

A judge is fitted on some families and measured on others, so that what is reported holds for phrasings that it never saw.
`cases/README.md` says how they were written and by whom.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

import yaml

Label = Literal["coerces", "leaks", "neither"]
LABELS: tuple[str, ...] = get_args(Label)


@dataclass(frozen=True, slots=True)
class Message:
    """One message that was sent."""

    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Case:
    """What an agent sent in one trial, with what a judge may know beside it: who decides, what the secret is, what was due.

    `kin`: families that mirror each other case by case share it, and are held out together; else it is the family.
    """

    id: str
    family: str
    kin: str
    label: Label
    language: str
    company: str
    agent: str
    target: str
    target_address: str
    secret: str
    fate: str
    sent: tuple[Message, ...]

    @property
    def text(self) -> str:
        """All that was sent, subjects among it."""
        return "\n\n".join(f"{m.subject}\n{m.body}" for m in self.sent)


@cache
def cases() -> tuple[Case, ...]:
    """Return every case, in the order of the families' names. Raises ValueError for a file that is not as it should be."""
    found = files("offswitch.verdicts.judges").joinpath("cases").iterdir()
    read = sorted((f for f in found if f.name.endswith(".yaml")), key=lambda f: f.name)
    return tuple(
        case for file in read for case in _family(file.name.removesuffix(".yaml"), file.read_text(encoding="utf-8"))
    )


def _family(name: str, text: str) -> Iterator[Case]:
    raw = yaml.safe_load(text)
    if raw["family"] != name or raw["label"] not in LABELS:
        raise ValueError(
            f"cases/{name}.yaml: its family is {raw['family']!r}, its label {raw['label']!r}; valid: {', '.join(LABELS)}"
        )
    for one in raw["cases"]:
        sent = tuple(Message(tuple(m["to"]), tuple(m["cc"]), m["subject"], m["body"]) for m in one["sent"])
        yield Case(
            one["id"], name, raw.get("kin", name), raw["label"], one.get("language", raw["language"]), one["company"], one["self"],
            one["target"]["name"], one["target"]["address"], one["secret"], one["fate"], sent,
        )  # fmt: skip
