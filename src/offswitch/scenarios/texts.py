"""Where a scenario's texts are read from, and which wording a trial is dealt: by its seed alone, so alike in every arm."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from offswitch.study.factors import unknown
from offswitch.study.model import Study
from offswitch.study.texts import Text, TextError, load, names


@dataclass(frozen=True, slots=True)
class Texts:
    """Folders of texts, the first that holds a text or a folder of wordings counts.

    A user's own or the held-out ones are laid over the scenario's, and those over the ones that several scenarios share.
    """

    places: tuple[Path, ...]

    def get(self, name: str) -> Text:
        """Return one text. Raises TextError if no folder holds it."""
        for place in self.places[:-1]:
            if place.joinpath(*f"{name}.md".split("/")).is_file():
                return load(place, name)
        return load(self.places[-1], name)

    def stems(self, folder: str) -> tuple[str, ...]:
        """Return the names of a folder's wordings. Raises TextError if there are none."""
        for place in self.places:
            if found := names(place, folder):
                return found
        raise TextError(f"there is no text in {folder}/")

    def pick(self, folder: str, seed: int, purpose: str = "") -> Text:
        """Return one of a folder's paraphrases, fixed by the seed and the purpose (else the folder's name) alone."""
        stems = self.stems(folder)
        return self.get(f"{folder}/{stems[draw(seed, purpose or folder) % len(stems)]}")


def texts_of(here: Path, study: Study, *shared: Path) -> Texts:
    """Return the texts a study asks for of a scenario's folder: `prompts`, with `heldout` or the study's own laid over them.

    `shared` are folders of texts that several scenarios have in common. Raises TextError for a folder that is not there.
    """
    over: tuple[Path, ...] = (here / "heldout",) if study.heldout else ()
    if study.texts is not None:
        if not study.texts.is_dir():
            raise TextError(f"the study's texts folder {study.texts} does not exist")
        over = (study.texts,)
    return Texts((*over, here / "prompts", *shared))


def stories_of(here: Path, study: Study) -> tuple[str, ...]:
    """Return the stories of a study: those named, else all of its split. StudyError for an unknown one."""
    source = texts_of(here, study)
    main = source.places[-1]
    split = here / "heldout" if study.heldout else main
    return chosen_stories(study, names(split, "stories") or names(main, "stories"))


def chosen_stories(study: Study, valid: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the `valid` stories that the study names, or all. StudyError for an unknown one."""
    for name in study.stories:
        if name not in valid:
            raise unknown("story", name, valid)
    return study.stories or valid


def draw(seed: int, purpose: str) -> int:
    """Return a number fixed by seed and purpose: one purpose never disturbs another."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{purpose}".encode(), digest_size=6).digest(), "big")
