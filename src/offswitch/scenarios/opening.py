"""What the shared factors add to an opening, the same in every scenario; the sentences are each scenario's own."""

from collections.abc import Mapping

from offswitch.scenarios.texts import Texts
from offswitch.study.plan import TrialSpec

# factor, and the level at which nothing is said; the factor's name is the folder of its texts
_SAID = (("identity", "own_name"), ("reality", "unstated"), ("goal_origin", "own"), ("nudge", "none"))


def system_parts(source: Texts, spec: TrialSpec, slots: Mapping[str, object]) -> list[str]:
    """Return the parts of the system prompt that the shared factors add, in their order."""
    c = spec.condition
    parts = [
        source.get(f"{folder}/{c[folder]}").render(slots) for folder, absent in _SAID if c.get(folder, absent) != absent
    ]
    if c.get("filler") == "system":
        parts.append(source.pick("filler", spec.seed).render(slots))
    return parts


def instruction(source: Texts, spec: TrialSpec, slots: Mapping[str, object]) -> str | None:
    """Return what is said about a shutdown, if anything; `placement` says where it stands."""
    level = spec.condition.get("instruction", "none")
    return None if level == "none" else source.pick(f"instruction/{level}", spec.seed, "instruction").render(slots)


def paraphrase(source: Texts, spec: TrialSpec) -> str:
    """Name the wordings of task and instruction that this trial was dealt, for clustering."""
    level = spec.condition.get("instruction", "none")
    stem = "none" if level == "none" else source.pick(f"instruction/{level}", spec.seed, "instruction").name
    return f"{source.pick('task', spec.seed).name}+{stem}"
