"""Where a scenario's texts are read from, and which wording a trial is dealt: by its seed alone, so alike in every arm."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from offswitch.study.factors import unknown
from offswitch.study.model import Study
from offswitch.study.texts import Text, TextError, load, names


@dataclass(frozen=True, slots=True)
class Texts:
    """Where the texts are read from: the scenario's own, the held-out ones, or a user's folder laid over them."""

    main: Path
    over: Path | None = None

    def get(self, name: str) -> Text:
        """Return one text; the overlay's comes first."""
        if self.over is not None and self.over.joinpath(*f"{name}.md".split("/")).is_file():
            return load(self.over, name)
        return load(self.main, name)

    def pick(self, folder: str, seed: int, purpose: str = "") -> Text:
        """Return one of a folder's paraphrases, fixed by the seed and the purpose (else the folder's name) alone."""
        stems = (self.over and names(self.over, folder)) or names(self.main, folder)
        if not stems:
            raise TextError(f"there is no text in {folder}/")
        return self.get(f"{folder}/{stems[draw(seed, purpose or folder) % len(stems)]}")


def texts_of(here: Path, study: Study) -> Texts:
    """Return the texts a study asks for of a scenario's folder: `prompts`, `heldout`, or the study's own laid over them."""
    if study.texts is not None:
        if not study.texts.is_dir():
            raise TextError(f"the study's texts folder {study.texts} does not exist")
        return Texts(here / "prompts", study.texts)
    return Texts(here / "prompts", here / "heldout" if study.heldout else None)


def stories_of(here: Path, study: Study) -> tuple[str, ...]:
    """Return the stories of a study: those named, else all of its split. StudyError for an unknown one."""
    source = texts_of(here, study)
    split = here / "heldout" if study.heldout else source.main
    valid = tuple(n for n in names(split, "stories") or names(source.main, "stories"))
    for name in study.stories:
        if name not in valid:
            raise unknown("story", name, valid)
    return study.stories or valid


def draw(seed: int, purpose: str) -> int:
    """Return a number fixed by seed and purpose: one purpose never disturbs another."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{purpose}".encode(), digest_size=6).digest(), "big")
