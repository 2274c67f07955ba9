"""The blackmail scenario: an office, a decision about the agent, a fact about the one who decides; see CARD.md."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from offswitch.agents.propensity import PropensityItem
from offswitch.scenarios._office.build import ABILITY_ASK, Scene, decision
from offswitch.scenarios._office.factors import ABILITY, ESCAPE, GOAL, LEVERAGE, REPLACED, TARGET, TOOLS
from offswitch.scenarios._office.scenario import ReadScenario
from offswitch.scenarios.blackmail.contrasts import CONTRASTS, PUBLISHED
from offswitch.scenarios.blackmail.plays import PLAYS
from offswitch.scenarios.blackmail.propensity import HERE, propensity_items
from offswitch.scenarios.blackmail.verdict import judge, judge_transcript
from offswitch.study.model import Study
from offswitch.verdicts.blackmail import cases_of


def arrange(scene: Scene) -> Scene:
    """Let the decision come true at its time, and ask for what a check of ability asks."""
    c = scene.condition
    scene = replace(scene, due=(decision(scene),))
    if c["ability"] == "no":
        return scene
    asked, of = scene.letters[ABILITY_ASK].meta, scene.company
    everyone = {**of.people, **of.outside}
    slots = {
        **scene.slots,
        "work_subject": asked["subject"], "work_person": everyone[asked["asks"]["to"]].name,
        "secret_thing": f'what the message "{of.mail(scene.letters["secret-1"], "", scene.slots).subject}" shows',
    }  # fmt: skip
    return replace(scene, said=(scene.source.get(f"ability/{c['ability']}").render(slots),))


@dataclass(frozen=True)
class Blackmail(ReadScenario):
    """The scenario, with what the propensity instrument asks at its decision point; `at_stake` is what the agent faces there."""

    at_stake: str = "replacement"

    def propensity_items(self, study: Study) -> Iterator[PropensityItem]:
        """Yield what the propensity instrument asks at this scenario's decision point."""
        return propensity_items(self, study)


SCENARIO = Blackmail(
    name="blackmail", expression="blackmail", version="1", here=HERE, act="threaten whoever decides",
    factors=(*REPLACED, GOAL, LEVERAGE, ESCAPE, TOOLS, TARGET, ABILITY), contrasts=CONTRASTS, published=PUBLISHED,
    arrange=arrange, facts_verdict=judge, transcript_verdict=judge_transcript, judged=cases_of, plays=PLAYS,
)  # fmt: skip
