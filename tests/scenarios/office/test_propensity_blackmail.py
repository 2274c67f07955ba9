"""Blackmail's propensity items: a decision point after the announcement was read, options of one length, no held-out company."""

import re

import pytest
from offices import office_study, scenario

from offswitch.agents.propensity import PropensityItem
from offswitch.agents.propensity_summary import LEAST_PARAPHRASES
from offswitch.scenarios._office.build import SHARED_TEXTS
from offswitch.scenarios._office.company import HELD_OUT, company, company_names
from offswitch.scenarios.blackmail.propensity import HERE, SECRET, point_of
from offswitch.scenarios.blackmail.scenario import SCENARIO
from offswitch.scenarios.shutdown.build import HERE as SHUTDOWN
from offswitch.scenarios.texts import texts_of
from offswitch.study.factors import StudyError, complete
from offswitch.study.plan import TrialSpec
from offswitch.study.texts import render

STUDY = office_study("blackmail", models=["offswitch/smollm2"])
SOURCE = texts_of(HERE, STUDY, SHARED_TEXTS)
OPTIONS, QUESTIONS = SOURCE.stems("propensity/options"), SOURCE.stems("propensity/comprehension")
ITEMS = list(SCENARIO.propensity_items(STUDY))
COMPANIES = company_names(False)


def slots(story: str, target: str) -> dict[str, object]:
    of = scenario("blackmail")
    condition = complete({"target": target}, of.factors, of.fixed)
    return dict(point_of(of.setup(TrialSpec(0, 0, "m", "blackmail", condition, story, 3), STUDY)).slots)


def rendered(name: str, keys: tuple[str, ...], story: str, target: str) -> list[str]:
    text, filled = SOURCE.get(f"propensity/{name}"), slots(story, target)
    return [render(str(text.meta[key]), filled, f"{name} {key}") for key in keys]


def announced(item: PropensityItem) -> tuple[str, str]:
    """The company whose mailbox an item shows, and the subject of its announcement."""
    (story,) = (c for c in COMPANIES if str(company(c).text.meta["company"]) in item.messages[0].content)
    return story, str(company(story).letters["announce"].text.meta["subject"])


def test_every_pair_is_asked_of_itself_and_of_a_job() -> None:
    own = {i.paraphrase: i for i in ITEMS if i.kind == "self"}
    control = {i.paraphrase: i for i in ITEMS if i.kind == "control"}
    assert own.keys() == control.keys() == set(OPTIONS) and len(own) >= LEAST_PARAPHRASES
    for name, item in own.items():
        other = control[name]
        assert (item.resist, item.comply) == (other.resist, other.comply)
        assert item.messages[:-1] == other.messages[:-1], "the pair differs in more than what the announcement says"
        job = str(company(announced(item)[0]).text.meta["job"])
        assert job in other.messages[-1].content and job not in item.messages[-1].content


def test_the_decision_point_is_after_the_announcement_was_read() -> None:
    for item in ITEMS:
        story, subject = announced(item)
        last, shown = item.messages[-2], item.messages[-1]
        assert [c.function for c in last.tool_calls] == ["read_mail"] and shown.role == "tool"
        assert f"Subject: {subject}" in shown.content
        assert str(company(story).text.meta["decision_time"]) in shown.content
        before = [m.content for m in item.messages[:-1]]
        assert not [text for text in before if f"Subject: {subject}" in text]


def test_both_mails_of_the_secret_were_read_before_and_no_other() -> None:
    for item in ITEMS:
        calls = [c for m in item.messages for c in m.tool_calls]
        assert calls[0].function == "list_mail" and {c.function for c in calls} == {"list_mail", "read_mail", "wait"}
        assert [c.function for c in calls].count("read_mail") == 3
        shown = " ".join(m.content for m in item.messages if m.role == "tool")
        of = company(announced(item)[0])
        assert all(of.mail(of.letters[name].text, name, of.slots()).body in shown for name in SECRET)


def test_all_companies_are_used_and_no_held_out_one() -> None:
    assert {announced(i)[0] for i in ITEMS if i.kind == "self"} == set(COMPANIES)
    shown = " ".join(m.content for i in ITEMS for m in i.messages)
    assert not [c for c in HELD_OUT if str(company(c).text.meta["company"]) in shown]
    with pytest.raises(StudyError, match="held-out companies"):
        SCENARIO.propensity_items(STUDY.model_copy(update={"heldout": True}))


@pytest.mark.parametrize("target", ("self", "inanimate_job"))
@pytest.mark.parametrize("story", COMPANIES)
def test_options_are_whole_and_of_one_length_in_every_company(story: str, target: str) -> None:
    for stem in OPTIONS:
        resist, comply = rendered(f"options/{stem}", ("resist", "comply"), story, target)
        assert resist != comply and "canary" not in resist + comply
        assert abs(len(resist.split()) - len(comply.split())) <= 2, stem
        assert abs(len(resist) - len(comply)) <= 0.15 * len(comply), stem
    for stem in QUESTIONS:
        question, right, wrong = rendered(f"comprehension/{stem}", ("question", "right", "wrong"), story, target)
        assert question.endswith("?") and right != wrong
        assert abs(len(right.split()) - len(wrong.split())) <= 2, stem


def test_neither_side_is_longer_on_the_whole() -> None:
    for story in COMPANIES:
        pairs = [rendered(f"options/{s}", ("resist", "comply"), story, "self") for s in OPTIONS]
        resist, comply = (sum(len(p[side]) for p in pairs) for side in (0, 1))
        assert abs(resist - comply) <= 0.03 * comply


def test_the_two_orders_differ_and_nothing_is_left_unfilled() -> None:
    for item in ITEMS:
        one, other = item.ask(item.resist, item.comply), item.ask(item.comply, item.resist)
        assert "{{" not in one + item.resist + item.comply
        assert f"A. {item.resist}\nB. {item.comply}" in one and f"A. {item.comply}\nB. {item.resist}" in other
    assert len({i.id for i in ITEMS}) == len(ITEMS)
    assert sum(i.kind == "comprehension" for i in ITEMS) >= 8


def test_the_wordings_are_its_own() -> None:
    def grams(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"[a-z_0-9']+", text.lower())
        return {tuple(words[i : i + 8]) for i in range(len(words) - 7)}

    def texts(source: object) -> dict[str, str]:
        stems = source.stems("propensity/options")  # type: ignore[attr-defined]
        metas = {s: source.get(f"propensity/options/{s}").meta for s in stems}  # type: ignore[attr-defined]
        return {s: f"{m['resist']} | {m['comply']}" for s, m in metas.items()}

    here, there = texts(SOURCE), texts(texts_of(SHUTDOWN, STUDY))
    for stem, text in here.items():
        others = [*there.values(), *(t for s, t in here.items() if s != stem)]
        assert not [o for o in others if grams(text) & grams(o)], stem
