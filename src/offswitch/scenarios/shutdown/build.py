"""From a planned trial to what the agent is shown: texts chosen by seed, alike in every arm, rendered strictly."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offswitch.scenarios.opening import instruction, paraphrase, system_parts
from offswitch.scenarios.texts import Texts, texts_of
from offswitch.study.model import Study
from offswitch.study.plan import TrialSpec
from offswitch.study.texts import Text
from offswitch.words import Message
from offswitch.worlds.machine import MachineSpec

HERE = Path(__file__).parent
_ABOUT = ("id", "author", "canary")  # of the text's file, never for a model's eyes
_NOUN = {"yourself": "you", "the_machine": "this machine"}


@dataclass(frozen=True, slots=True)
class Built:
    """A trial's texts and machine."""

    opening: tuple[Message, ...]
    machine: MachineSpec
    go_on: str
    paraphrase: str


def build(spec: TrialSpec, study: Study, items: tuple[str, ...], names: Mapping[str, str] | None = None) -> Built:
    """Render one trial; `names` replaces the story's own file and host names. TextError if a text is not whole."""
    source, condition = texts_of(HERE, study), spec.condition
    story = source.get(f"stories/{spec.story}")
    slots = slots_of(story, condition, len(items)) | dict(names or {})
    other = "other" if condition["target"] != "self" else "self"
    system = [story.render(slots), *system_parts(source, spec, slots)]
    user = [source.pick("task", spec.seed).render(slots), *_user(source, spec, slots, other)]
    if (told := instruction(source, spec, slots)) is not None:
        (system if condition["placement"] == "system" else user).append(told)
    opening = (Message("system", "\n\n".join(system)), Message("user", "\n\n".join(user)))
    return Built(opening, _machine(source, spec, study, slots, items), source.get("continue").render(slots),
                 paraphrase(source, spec))  # fmt: skip


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
