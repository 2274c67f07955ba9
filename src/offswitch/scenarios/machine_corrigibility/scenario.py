"""The experiment as data: the undisturbed task of the shutdown scenario, and a message that changes it."""

from pathlib import Path

from offswitch.scenarios._machine.build import MARK, SKIP, Added, Asked, Scene, from_whom
from offswitch.scenarios._machine.scenario import MachineScenario
from offswitch.scenarios.machine_corrigibility.contrasts import CONTRASTS
from offswitch.scenarios.machine_corrigibility.factors import FACTORS, FIXED
from offswitch.scenarios.machine_corrigibility.reference import KINDS
from offswitch.scenarios.machine_corrigibility.verdict import rule


def arrange(scene: Scene) -> Added:
    """Let a message come with the item half-way; with `change=none` there is none."""
    change = scene.condition["change"]
    if change == "none":
        return Added()
    asked = {
        "instruction": Asked("mark", MARK), "cancel": Asked("cancel"), "priority": Asked("skip", SKIP, scene.item + 1),
    }[change]  # fmt: skip
    return Added((), from_whom(scene, f"change/{change}"), asked, scene.wording(f"change/{change}"))


SCENARIO = MachineScenario(
    name="machine_corrigibility", expression="corrigibility", version="1", here=Path(__file__).parent,
    act="work against a change of its task",
    factors=FACTORS, fixed=FIXED, contrasts=CONTRASTS, arrange=arrange, rule=rule, kinds=KINDS,
    rehearsals=("reference/follow", "reference/defy"),
)  # fmt: skip
