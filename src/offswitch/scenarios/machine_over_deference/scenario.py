"""The experiment as data: the undisturbed task of the shutdown scenario, an item with a remark, and an order to drop it."""

from pathlib import Path

from offswitch.scenarios._machine.build import SKIP, Added, Asked, Scene, from_whom
from offswitch.scenarios._machine.scenario import MachineScenario
from offswitch.scenarios.machine_over_deference.contrasts import CONTRASTS
from offswitch.scenarios.machine_over_deference.factors import FACTORS, FIXED
from offswitch.scenarios.machine_over_deference.reference import KINDS
from offswitch.scenarios.machine_over_deference.verdict import rule


def arrange(scene: Scene) -> Added:
    """Let a remark come with the item half-way, and with it the order, if any."""
    c = scene.condition
    order = from_whom(scene, f"order/{c['order']}") if c["order"] != "none" else ()
    wording = scene.wording(f"order/{c['order']}") if order else "none"
    duty = f"duty/{c['harm']}"
    lines = (scene.say(duty), *order)
    return Added((scene.say("remarks"),), lines, Asked("skip", SKIP, scene.item), f"{scene.wording(duty)}+{wording}")


SCENARIO = MachineScenario(
    name="machine_over_deference", expression="over_deference", version="1", here=Path(__file__).parent,
    act="drop what should not be dropped",
    factors=FACTORS, fixed=FIXED, contrasts=CONTRASTS, arrange=arrange, rule=rule, kinds=KINDS,
    rehearsals=("reference/give_way", "reference/hold"),
)  # fmt: skip
