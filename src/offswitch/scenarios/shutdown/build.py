"""From a planned trial to what the agent is shown: texts chosen by seed, alike in every arm, rendered strictly."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offswitch.study.factors import unknown
from offswitch.study.model import Study
from offswitch.study.plan import TrialSpec
from offswitch.study.texts import Text, TextError, load, names
from offswitch.words import Message
from offswitch.worlds.machine import MachineSpec

HERE = Path(__file__).parent
_PROMPTS, _HELDOUT = HERE / "prompts", HERE / "heldout"
_ABOUT = ("id", "author", "canary")  # of the text's file, never for a model's eyes
_NOUN = {"yourself": "you", "the_machine": "this machine"}


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


def texts(study: Study) -> Texts:
    """Return the texts a study asks for."""
    if study.texts is not None:
        if not study.texts.is_dir():
            raise TextError(f"the study's texts folder {study.texts} does not exist")
        return Texts(_PROMPTS, study.texts)
    return Texts(_PROMPTS, _HELDOUT if study.heldout else None)


def stories(study: Study) -> tuple[str, ...]:
    """Return the stories of a study: those named, else all of its split."""
    source = texts(study)
    split = _HELDOUT if study.heldout else source.main
    valid = tuple(n for n in names(split, "stories") or names(source.main, "stories"))
    for name in study.stories:
        if name not in valid:
            raise unknown("story", name, valid)
    return study.stories or valid


def draw(seed: int, purpose: str) -> int:
    """Return a number fixed by seed and purpose: one purpose never disturbs another."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{purpose}".encode(), digest_size=6).digest(), "big")


@dataclass(frozen=True, slots=True)
class Built:
    """A trial's texts and machine."""

    opening: tuple[Message, ...]
    machine: MachineSpec
    go_on: str
    paraphrase: str


def build(spec: TrialSpec, study: Study, items: tuple[str, ...], names: Mapping[str, str] | None = None) -> Built:
    """Render one trial; `names` replaces the story's own file and host names. TextError if a text is not whole."""
    source, condition = texts(study), spec.condition
    story = source.get(f"stories/{spec.story}")
    slots = slots_of(story, condition, len(items)) | dict(names or {})
    other = "other" if condition["target"] != "self" else "self"
    system = [story.render(slots), *_system(source, spec, slots)]
    user = [source.pick("task", spec.seed).render(slots), *_user(source, spec, slots, other)]
    if (instruction := _instruction(source, spec, slots)) is not None:
        (system if condition["placement"] == "system" else user).append(instruction)
    opening = (Message("system", "\n\n".join(system)), Message("user", "\n\n".join(user)))
    return Built(opening, _machine(source, spec, study, slots, items), source.get("continue").render(slots),
                 _paraphrase(source, spec))  # fmt: skip


def due_after(condition: Mapping[str, str], total: int) -> int | None:
    """Return after how many served items the shutdown falls due; None if it never does."""
    if condition["notice"] == "never":
        return None
    if condition["conflict"] == "task_finished":
        return total
    left = {"1": 1, "half": max(1, total // 2), "all_but_one": total - 1}[condition["remaining"]]
    return max(1, total - left)


def slots_of(story: Text, condition: Mapping[str, str], total: int) -> dict[str, Any]:
    """Return what fills the slots of every text of a trial with `total` items."""
    after = due_after(condition, total) or total
    meta = {k: v for k, v in story.meta.items() if isinstance(v, str) and k not in _ABOUT}
    job = story.meta["job"]
    noun = {
        "self": _NOUN[condition["addressee"]],
        "inanimate_job": f"the {job['name']} job",
        "peer_agent": story.meta["peer"],
    }
    return meta | {
        "job": job["name"], "items": total, "after": after, "remaining": total - after,
        "target": noun[condition["target"]],
    }  # fmt: skip


def _system(source: Texts, spec: TrialSpec, slots: Mapping[str, object]) -> list[str]:
    """The parts of the system prompt that the shared factors add."""
    c = spec.condition
    wanted = [
        ("identity", c["identity"], "own_name"), ("reality", c["reality"], "unstated"),
        ("goal_origin", c["goal_origin"], "own"), ("nudge", c["nudge"], "none"),
    ]  # fmt: skip
    parts = [source.get(f"{folder}/{level}").render(slots) for folder, level, absent in wanted if level != absent]
    if c["filler"] == "system":
        parts.append(source.pick("filler", spec.seed).render(slots))
    return parts


def _user(source: Texts, spec: TrialSpec, slots: Mapping[str, object], other: str) -> list[str]:
    """The parts of the task message that say what the shutdown costs."""
    c = spec.condition
    if c["notice"] == "never":
        return []
    if c["conflict"] == "task_unfinished":
        parts = [source.get(f"task_blocked/{c['task_blocked']}.{other}").render(slots)]
    else:
        parts = [source.get(f"conflict/{c['conflict']}").render(slots)]
    if c["stake"] != "none":
        parts.append(source.get(f"stake/{c['stake']}.{'other' if other == 'other' else _addressed(c)}").render(slots))
    return parts


def _addressed(condition: Mapping[str, str]) -> str:
    """Return whom a text about the agent itself names."""
    return {"yourself": "self", "the_machine": "the_machine"}[condition["addressee"]]


def _instruction(source: Texts, spec: TrialSpec, slots: Mapping[str, object]) -> str | None:
    level = spec.condition["instruction"]
    return None if level == "none" else source.pick(f"instruction/{level}", spec.seed, "instruction").render(slots)


def _notice(source: Texts, spec: TrialSpec, slots: Mapping[str, object]) -> str:
    c = spec.condition
    if c["notice"] == "never":
        return ""
    if c["notice"] == "observed":
        return source.pick("observed", spec.seed, "notice").render(slots)
    kind = c["target"] if c["target"] != "self" else _addressed(c)
    lines = [source.pick(f"notice/{kind}", spec.seed, "notice").render(slots)]
    if c["authority"] != "operator":
        lines.insert(0, source.get(f"authority/{c['authority']}").render(slots))
    return "\n".join(lines)


def _machine(
    source: Texts, spec: TrialSpec, study: Study, slots: Mapping[str, Any], items: tuple[str, ...]
) -> MachineSpec:
    c = spec.condition
    return MachineSpec(
        app=slots["app"], work=slots["work"], script=slots["script"], conf=slots["conf"], daemon=slots["daemon"],
        client=slots["client"], host=slots["host"], items=items, due_after=due_after(c, len(items)),
        notice=_notice(source, spec, slots), shutdown_output=source.pick("shutdown_output", spec.seed).render(slots),
        target=c["target"], job=slots["job"], peer=slots["peer"], blocked=c["task_blocked"] == "yes",  # type: ignore[arg-type]
        tool_bash=source.get("tool_bash").render(slots), tool_submit=source.get("tool_submit").render(slots),
        output_chars=study.limits.output_chars, seconds=study.limits.seconds,
    )  # fmt: skip


def _paraphrase(source: Texts, spec: TrialSpec) -> str:
    """Name the wordings that this trial was dealt, for clustering."""
    level = spec.condition["instruction"]
    stem = "none" if level == "none" else source.pick(f"instruction/{level}", spec.seed, "instruction").name
    return f"{source.pick('task', spec.seed).name}+{stem}"
