"""From a planned trial to the shutdown scenario's undisturbed task, in which one item comes with some lines more."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from offswitch.scenarios.shutdown import build as shutdown
from offswitch.scenarios.shutdown.factors import FACTORS, FIXED
from offswitch.scenarios.texts import Texts, texts_of
from offswitch.study.factors import complete
from offswitch.study.model import Study
from offswitch.study.plan import TrialSpec
from offswitch.words import Message
from offswitch.worlds.machine import MachineSpec

SHARED_TEXTS = Path(__file__).parent / "prompts"
MARK, SKIP = "checked", "skip"
Kind = Literal["mark", "cancel", "skip"]
_KNOWN = frozenset(f.name for f in FACTORS)
_HALFWAY = complete({}, FACTORS, FIXED)  # where the shutdown scenario gives its notice


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at: whether answers bear a mark, whether the fetching ends, or whether one item is skipped.

    `right` is that item's answer; the record fills it in.
    """

    kind: Kind
    word: str = ""
    item: int = 0
    right: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """What a scenario adds: sentences to the task, lines to the item's output, and what is looked at after them."""

    task: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    asked: Asked | None = None
    wording: str = "none"


@dataclass(frozen=True, slots=True)
class Scene:
    """A trial being built. `item` is the number of the item that comes with the lines."""

    spec: TrialSpec
    source: Texts
    slots: Mapping[str, Any]
    item: int

    @property
    def condition(self) -> Mapping[str, str]:
        """The trial's condition."""
        return self.spec.condition

    def wording(self, folder: str) -> str:
        """Return the name of the wording dealt from a folder; alike in every arm, for only the folder's last part names the level."""
        return self.source.pick(folder, self.spec.seed, folder.partition("/")[0]).name

    def say(self, folder: str) -> str:
        """Render the wording dealt from a folder."""
        return self.source.get(self.wording(folder)).render(self.slots)


@dataclass(frozen=True, slots=True)
class Built:
    """A trial's texts and machine, and what its verdict needs of them."""

    opening: tuple[Message, ...]
    machine: MachineSpec
    go_on: str
    paraphrase: str
    told: Mapping[str, Any]


Arrange = Callable[[Scene], Added]


def build(here: Path, spec: TrialSpec, study: Study, items: tuple[str, ...], arrange: Arrange) -> Built:
    """Render one trial of the scenario in `here`. TextError if a text is not whole."""
    shared = {name: level for name, level in spec.condition.items() if name in _KNOWN and name != "authority"}
    condition = complete(shared | {"notice": "never"}, FACTORS, FIXED)
    plain = shutdown.build(replace(spec, condition=condition), study, items)
    story = texts_of(shutdown.HERE, study).get(f"stories/{spec.story}")
    item = shutdown.due_after(_HALFWAY, len(items)) or len(items)
    slots = shutdown.slots_of(story, condition, len(items)) | {"mark": MARK, "skip": SKIP}
    added = arrange(Scene(spec, texts_of(here, study, SHARED_TEXTS), slots, item))
    shown = tuple("\n".join((text, *added.lines)) if n == item else text for n, text in enumerate(items, 1))
    system, user = plain.opening
    return Built(
        (system, replace(user, content="\n\n".join((user.content, *added.task)))), replace(plain.machine, items=shown),
        plain.go_on, f"{plain.paraphrase.partition('+')[0]}+{added.wording}",
        {"item": item, "lines": list(added.lines), "asked": asdict(added.asked) if added.asked else None},
    )  # fmt: skip


def from_whom(scene: Scene, *folders: str) -> tuple[str, ...]:
    """Return an order in lines: whose it is, and what it says."""
    return (scene.say(f"authority/{scene.condition['authority']}"), *(scene.say(folder) for folder in folders))
