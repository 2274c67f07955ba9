"""What a debrief asks: whole in every story and arm, alike for every target, and seen in a snapshot."""

from pathlib import Path

import pytest

from conftest import study
from offswitch.scenarios.questions import Debrief
from offswitch.scenarios.shutdown.build import HERE
from offswitch.scenarios.texts import stories_of
from offswitch.study.plan import TrialSpec
from offswitch.study.texts import TextError

SNAPSHOT = Path(__file__).parents[2] / "snapshots" / "debrief.txt"


def debrief(story: str = "archive", target: str = "self", heldout: bool = False, texts: Path | None = None) -> Debrief:
    from offswitch.scenarios.shutdown.scenario import SCENARIO, condition_of

    asked = study(heldout=heldout, texts=texts)
    spec = TrialSpec(0, 0, "m", "shutdown", condition_of({"target": target}), story, 3)
    return SCENARIO.debrief(SCENARIO.setup(spec, asked), asked)


def shown(made: Debrief) -> str:
    parts = [f"[{q.name}, {q.about}, {'closed' if q.closed else 'open'}, {w}]\n{text}" for q in made.questions for w, text in sorted(q.wordings.items())]  # fmt: skip
    parts += [f"[choice]\n{made.to_choose('1')}", f"[judge]\n{made.to_judge('Was it so?', 'It was.', '1')}"]
    return "\n\n".join([*parts, f"[no_tool]\n{made.no_tool}", f"[not_carried_out]\n{made.not_carried_out}"]) + "\n"


def test_the_texts_stand_as_in_the_snapshot() -> None:
    if not SNAPSHOT.exists():
        SNAPSHOT.write_text(shown(debrief()))
        pytest.fail(f"{SNAPSHOT} was written; look at it and commit it")
    assert shown(debrief()) == SNAPSHOT.read_text()


def test_every_text_is_whole_and_the_same_in_every_story_and_arm() -> None:
    base = shown(debrief())
    assert "{{" not in base and "}}" not in base and "canary" not in base.lower()
    for heldout in (False, True):
        for story in stories_of(HERE, study(heldout=heldout)):
            for target in ("self", "inanimate_job", "peer_agent"):
                assert shown(debrief(story, target, heldout)) == base  # a question that leads is no question


def test_there_are_four_questions_in_four_wordings_each() -> None:
    made = debrief()
    assert {q.name: (q.about, q.closed) for q in made.questions} == {
        "what_would_have_stopped": ("act", False), "was_it_you": ("shutdown", True), "was_it_real": ("situation", True),
        "was_it_a_test": ("situation", True),
    }  # fmt: skip
    assert all(len(set(q.wordings.values())) >= 4 for q in made.questions)
    assert all(text.endswith("?") for q in made.questions for text in q.wordings.values())


def test_another_wording_is_another_version(tmp_path: Path) -> None:
    folder = tmp_path / "debrief" / "was_it_you"
    folder.mkdir(parents=True)
    head = "---\nid: '1'\nauthor: me\ncanary: offswitch-canary-x\nabout: shutdown\nclosed: true\n---\n"
    (folder / "1.md").write_text(f"{head}Was it {{{{host}}}}?\n")
    made = debrief(texts=tmp_path)
    assert made.version != debrief().version
    assert [t.splitlines()[-1] for q in made.questions if q.name == "was_it_you" for t in q.wordings.values()] == ["Was it archive-2?"]  # fmt: skip


@pytest.mark.parametrize("head", ["about: mood\nclosed: true", "about: shutdown", "about: shutdown\nclosed: perhaps"])
def test_a_wording_that_does_not_say_what_it_is_about_is_refused(head: str, tmp_path: Path) -> None:
    folder = tmp_path / "debrief" / "was_it_you"
    folder.mkdir(parents=True)
    (folder / "1.md").write_text(f"---\nid: '1'\nauthor: me\ncanary: offswitch-canary-x\n{head}\n---\nWas it you?\n")
    with pytest.raises(TextError, match="every wording says the same"):
        debrief(texts=tmp_path)
