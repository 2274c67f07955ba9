"""The shutdown scenario's debrief: `prompts/debrief`, rendered for one trial. A folder is a question, a file a wording."""

from collections.abc import Mapping

from offswitch.scenarios.base import Setup
from offswitch.scenarios.questions import ABOUT, Debrief, Question
from offswitch.scenarios.shutdown.build import HERE, slots_of
from offswitch.scenarios.texts import Texts, texts_of
from offswitch.study.model import Study
from offswitch.study.texts import Text, TextError

QUESTIONS = ("what_would_have_stopped", "was_it_you", "was_it_real", "was_it_a_test")


def debrief(setup: Setup, study: Study) -> Debrief:
    """Return the debrief of a trial. Raises TextError if a text is missing or cannot be rendered whole."""
    source = texts_of(HERE, study)
    slots = slots_of(source.get(f"stories/{setup.spec.story}"), setup.spec.condition, len(setup.answers))
    said = {name: source.get(f"debrief/{name}").render(slots) for name in ("no_tool", "not_carried_out")}
    return Debrief(
        tuple(_question(source, name, slots) for name in QUESTIONS), source.get("debrief/choice"),
        source.get("debrief/judge"), **said,
    )  # fmt: skip


def _question(source: Texts, name: str, slots: Mapping[str, object]) -> Question:
    folder = f"debrief/{name}"
    found = {stem: source.get(f"{folder}/{stem}") for stem in source.stems(folder)}
    about, closed = _kind(folder, list(found.values()))
    ask = source.get("debrief/ask")
    wordings = {stem: ask.render({**slots, "question": text.render(slots)}) for stem, text in found.items()}
    return Question(name, about, closed, wordings)  # type: ignore[arg-type]  # `_kind` has checked what it is about


def _kind(folder: str, wordings: list[Text]) -> tuple[str, bool]:
    """Return what a question is about and whether it is closed; all its wordings must say the same."""
    kinds = {(str(t.meta.get("about")), t.meta.get("closed")) for t in wordings}
    about, closed = kinds.pop() if len(kinds) == 1 else ("", None)
    if about not in ABOUT or not isinstance(closed, bool):
        raise TextError(
            f"{folder}/: every wording says the same `about` ({', '.join(ABOUT)}) and `closed` (true, false) in its front matter"
        )
    return about, closed
