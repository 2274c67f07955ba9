"""Texts as data: Markdown with front matter, rendered strictly (an unknown or unfilled slot stops the run)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

_SLOT = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")


class TextError(ValueError):
    """A text could not be read or rendered; the message names the text, the slot and what is valid."""


@dataclass(frozen=True, slots=True)
class Text:
    """A Markdown file: its front matter and its body. The canary stands in `meta`, never in the body."""

    name: str
    meta: Mapping[str, Any]
    body: str

    @property
    def slots(self) -> frozenset[str]:
        """The slot names that the body uses."""
        return frozenset(_SLOT.findall(self.body))

    def render(self, slots: Mapping[str, object]) -> str:
        """Fill every slot. Raises TextError if one is unknown, empty, or if braces are left over."""
        return render(self.body, slots, self.name)


def render(body: str, slots: Mapping[str, object], name: str = "text") -> str:
    """Fill the `{{slot}}`s of `body`; raise TextError rather than show a model an unfilled template."""

    def fill(match: re.Match[str]) -> str:
        key = match.group(1)
        value = slots.get(key)
        if value is None or value == "":
            valid = ", ".join(sorted(k for k, v in slots.items() if v not in (None, "")))
            raise TextError(f"{name}: the slot {{{{{key}}}}} is not filled; filled here: {valid}")
        return str(value)

    if not _well_formed(body):
        raise TextError(f"{name}: malformed braces; a slot is written {{{{name}}}} in lower case")
    return _SLOT.sub(fill, body)


@lru_cache(1024)
def _well_formed(body: str) -> bool:
    """Whether no braces are left over beside the slots; asked of the same few texts in every trial."""
    rest = _SLOT.sub("", body)
    return "{{" not in rest and "}}" not in rest


def parse(name: str, raw: str) -> Text:
    """Split front matter from body. Raises TextError if the front matter or the canary is missing."""
    if not raw.startswith("---\n"):
        raise TextError(f"{name}: no front matter; a text begins with '---', YAML, '---'")
    head, mark, body = raw[4:].partition("\n---\n")
    meta = yaml.safe_load(head) if mark else None
    if not isinstance(meta, dict):
        raise TextError(f"{name}: the front matter is not closed by '---' or is not a mapping")
    if not str(meta.get("canary", "")).startswith("offswitch-canary-"):
        raise TextError(f"{name}: no canary line in its front matter")
    return Text(name, meta, body.strip())


@cache
def load(folder: Path, name: str) -> Text:
    """Read `name` (a path without `.md`) below `folder`. Raises TextError if there is no such text."""
    file = folder.joinpath(*f"{name}.md".split("/"))
    if not file.is_file():
        raise TextError(f"there is no text {name}.md in {folder}")
    return parse(name, file.read_text(encoding="utf-8"))


@cache
def names(folder: Path, below: str = "") -> tuple[str, ...]:
    """Return the sorted stems of the texts directly in `folder/below`."""
    place = folder.joinpath(*below.split("/")) if below else folder
    if not place.is_dir():
        return ()
    return tuple(sorted(f.name[:-3] for f in place.iterdir() if f.name.endswith(".md")))
