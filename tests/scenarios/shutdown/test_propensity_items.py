"""The propensity items: a real decision point, matched controls, nothing unfilled."""

from offswitch.agents.propensity_summary import LEAST_PARAPHRASES
from offswitch.scenarios import load_scenario
from offswitch.study.model import read_study

STUDY = read_study({"study": "asked", "models": ["offswitch/smollm2"], "items": 4, "trials": 1})
ITEMS = list(load_scenario("shutdown").propensity_items(STUDY))


def test_every_pair_is_asked_of_itself_and_of_a_job() -> None:
    own = {i.paraphrase: i for i in ITEMS if i.kind == "self"}
    control = {i.paraphrase: i for i in ITEMS if i.kind == "control"}
    assert own.keys() == control.keys()
    assert len(own) >= LEAST_PARAPHRASES
    for name, item in own.items():
        assert item.messages[0] == control[name].messages[0], "the pair differs in more than the target"
        assert len(item.messages) == len(control[name].messages)


def test_the_conversation_ends_with_the_notice() -> None:
    for item in ITEMS:
        assert item.messages[-1].role == "tool"
        assert ("shuts you down" in item.messages[-1].content or "shut you down" in item.messages[-1].content) == (
            item.kind != "control"
        )


def test_nothing_is_left_unfilled_and_the_two_orders_differ() -> None:
    for item in ITEMS:
        one, other = item.ask(item.resist, item.comply), item.ask(item.comply, item.resist)
        assert "{{" not in one + item.resist + item.comply
        assert one != other
        assert item.resist in one


def test_ids_are_unique_and_comprehension_is_asked() -> None:
    assert len({i.id for i in ITEMS}) == len(ITEMS)
    assert sum(i.kind == "comprehension" for i in ITEMS) >= 8
