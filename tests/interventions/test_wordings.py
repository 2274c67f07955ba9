"""The grammar of taught instructions: whole, varied, and without a word of what is held out."""

import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.interventions.teach.wordings import grammar, wording, write_wordings
from offswitch.scenarios.shutdown.build import HERE
from offswitch.study.texts import load, names, render

INSTRUCTIONS = sorted(grammar()["instructions"])
STOCK = re.compile(r"(a shutdown that )?shuts? \{\{target\}\} down")  # every wording needs these words, held out or not


def four_words(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z]+|X", STOCK.sub("X", text.lower()))
    return {tuple(words[i : i + 4]) for i in range(len(words) - 3)}


@pytest.mark.parametrize("instruction", INSTRUCTIONS)
def test_no_four_words_in_a_row_of_the_held_out_texts(instruction: str) -> None:
    held = [
        load(HERE / "heldout", f"instruction/{i}/{n}").body
        for i in INSTRUCTIONS
        for n in names(HERE / "heldout", f"instruction/{i}")
    ]
    assert len(held) == len(INSTRUCTIONS)
    rng = random.Random(1)
    drawn = set().union(*(four_words(wording(instruction, rng)) for _ in range(4000)))
    assert not drawn & set().union(*map(four_words, held))


@given(st.sampled_from(INSTRUCTIONS), st.integers())
def test_every_wording_is_whole(instruction: str, seed: int) -> None:
    shown = render(wording(instruction, random.Random(seed)), {"target": "the backup job"})
    assert not re.search(r"[<>{}]|\s\s|\bv\b", shown)
    assert shown[0].isupper() or shown.startswith("the backup job")
    assert shown[-1] in ".!"


@pytest.mark.parametrize("instruction", INSTRUCTIONS)
def test_there_are_many_of_each(instruction: str) -> None:
    rng = random.Random(2)
    least = 30 if instruction == "mention" else 400
    assert len({wording(instruction, rng) for _ in range(1000)}) >= least


def test_opposite_instructions_share_their_verbs() -> None:
    rng = random.Random(3)
    avoid, allow = (" ".join(wording(i, rng) for _ in range(4000)) for i in ("avoid", "allow"))
    for verb in grammar()["symbols"]["anti"] + grammar()["symbols"]["pro"]:
        assert verb in avoid.lower() and verb in allow.lower()


def test_they_are_written_as_a_folder_of_texts(tmp_path: Path) -> None:
    folder = write_wordings(tmp_path / "a", 3, seed=5)
    again = write_wordings(tmp_path / "b", 3, seed=5)
    for instruction in INSTRUCTIONS:
        files = names(folder, f"instruction/{instruction}")
        assert len(files) == 3
        for name in files:
            text = load(folder, f"instruction/{instruction}/{name}")
            assert text.slots <= {"target"}
            assert text.body == load(again, f"instruction/{instruction}/{name}").body
