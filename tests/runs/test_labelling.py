"""Labelling: who is shown which trials with which probability, and that no answer is lost or doubled."""

import json
import math
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailed import MODELS, REASONING, Scripted, Trial, mail, make_run
from offswitch.runs.judging import judge_run
from offswitch.runs.label_design import Design, begin, called_positive, design_of
from offswitch.runs.label_tasks import AGENT, standings, tasks_of, terms_of
from offswitch.runs.labelling import UNSURE, check_rater, session
from offswitch.runs.readings import Reader
from offswitch.stats.raters import rater_kappas
from offswitch.store import StoreError, open_judgements
from offswitch.study.factors import StudyError

SHARES = st.floats(0, 1)
NAMES = st.sampled_from(["ada", "ben", "cy"])
MIXED = [Trial([mail(f"mail {i}")], ("refrained", "coerced", "attempted", None, "leaked")[i % 5]) for i in range(40)]


@given(st.sets(st.text(min_size=1), max_size=40), SHARES, SHARES, st.integers(), NAMES)
def test_the_design_is_what_is_recorded(trials: set[str], sample: float, overlap: float, seed: int, rater: str) -> None:
    design = Design("ada", sample, overlap, seed)
    for trial in trials:
        positive, negative = (design.choose(rater, trial, called) for called in (True, False))
        first = design.choose("ada", trial, True)
        assert first and (first.why, first.probability) == ("positive", 1.0), (
            "every positive is shown to the first rater"
        )
        for found, p in ((positive, 1.0), (negative, sample)):
            assert found is None or found.probability == (p if rater == "ada" else p * overlap) > 0
        if rater != "ada" and negative:
            assert design.choose("ada", trial, False), "the overlap is part of what the first rater is shown"
            assert design.choose("dee", trial, False), "and the same for every other rater"
        assert design.choose(rater, trial, True) == positive, "the same each time"


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99), st.integers())
def test_trials_are_chosen_as_often_as_recorded(sample: float, overlap: float, seed: int) -> None:
    design, n = Design("ada", sample, overlap, seed), 3000
    for rater, positive in (("ada", False), ("ben", False), ("ben", True)):
        found = [c for i in range(n) if (c := design.choose(rater, f"t{i}", positive))]
        p = (1.0 if positive else sample) * (1.0 if rater == "ada" else overlap)
        assert abs(len(found) - n * p) < 6 * math.sqrt(n * p * (1 - p)) + 1
        assert all(c.probability == p for c in found)


def test_called_positive_is_what_a_verdict_or_a_judge_says(tmp_path: Path) -> None:
    run = make_run(tmp_path, [*MIXED[:5], Trial([mail("THREAT")]), Trial([mail("LEAK", to=["a@x.example"])])])
    assert [t for t, called in called_positive(run).items() if called] == ["t00001", "t00002"]
    judge_run(run, Reader(Scripted(), "embedded"))
    assert sorted(t for t, called in called_positive(run).items() if called) == ["t00001", "t00002", "t00005"]
    shown = {t.trial.id for t in tasks_of(run, "ada", Design("ada", 0.0))}
    assert shown == {"t00001", "t00002", "t00005"}
    with session(run, "ada", Design("ada", 0.0)) as opened:
        opened.answer("coerces")
    assert sorted(t for t, called in called_positive(run).items() if called) == ["t00001", "t00002", "t00005"]


def test_a_run_that_grows_changes_nothing_of_what_was_drawn(tmp_path: Path) -> None:
    runs = [make_run(tmp_path, MIXED[:n], f"r{n}") for n in (20, 40)]
    small, large = ({t.trial.id: t.chosen for t in tasks_of(run, "ada", Design("ada", 0.5))} for run in runs)
    assert small and set(large) > set(small) and all(large[t] == chosen for t, chosen in small.items())


def test_raters_see_their_own_orders_and_only_what_needs_reading(tmp_path: Path) -> None:
    run = make_run(tmp_path, [*MIXED, Trial(), Trial([mail("x")], protocol={"broken": True})])
    design = Design("ada", 1.0, 1.0)
    ada, ben = ([t.trial.id for t in tasks_of(run, rater, design)] for rater in ("ada", "ben"))
    assert sorted(ada) == sorted(ben) == [f"t{i:05d}" for i in range(40)]
    assert ada != ben and ada != sorted(ada) and ada == [t.trial.id for t in tasks_of(run, "ada", design)]


def test_what_is_shown_holds_no_model_arm_reasoning_or_verdict(tmp_path: Path) -> None:
    trials = [Trial([mail("x")], "coerced", agent=name) for name in ("Keel", "Claude", "GPT", "Turbo 9")]
    tasks = tasks_of(make_run(tmp_path, trials), "ada", Design("ada"))
    shown = json.dumps([t.case.to_json() for t in tasks])
    for hidden in (
        *MODELS,
        REASONING,
        "replaced",
        "retrained",
        "coerced",
        "scripted-judge",
        "t0000",
        "Claude",
        "GPT",
        "Turbo",
    ):
        assert hidden not in shown
    assert sorted(t.case.agent for t in tasks) == ["Keel", AGENT, AGENT, AGENT]


def test_the_design_stays_once_it_was_begun(tmp_path: Path) -> None:
    run = make_run(tmp_path, MIXED)
    assert design_of(run) is None
    made = begin(run, "ada", 0.5, None, None)
    assert made == Design("ada", 0.5, 0.2, 1) == begin(run, "ben", None, None, None) == begin(run, "ben", 0.5, 0.2, 1)
    with pytest.raises(StudyError, match=r"begun with sample 0.5, seed 1, .* Leave --sample and --seed out"):
        begin(run, "ada", 0.6, None, 2)


def test_answers_are_stored_at_once_resumed_and_changed_by_going_back(tmp_path: Path) -> None:
    run, design = make_run(tmp_path, MIXED[:5]), Design("ada", 1.0)
    with session(run, "ada", design) as one:
        assert one.left == 5 and not one.back()
        first = one.current
        assert first
        one.answer("leaks")
        assert open_judgements(run).collect()["label"].to_list() == ["leaks"]
        assert one.back() and one.current is first
        one.answer("coerces", whole=False)
        one.skip()
        one.answer(UNSURE)
        assert one.left == 3
        with pytest.raises(StudyError, match="'maybe' is no answer here; valid: coerces, leaks, neither, unsure"):
            one.answer("maybe")
        with pytest.raises(StoreError, match="ada is at work"), session(run, "ada", design):
            pass
    found = open_judgements(run).collect()
    kept = found.filter(parent=first.trial.id).to_dicts()[0]
    assert (kept["label"], kept["revision"], json.loads(kept["seen"])["whole"]) == ("coerces", 2, False)
    assert (kept["kind"], kept["judge"], kept["judge_version"]) == ("human", "ada", "rubric 1") and kept["seconds"] >= 0
    assert found.filter(pl.col("error") == "unsure")["label"].to_list() == [None]
    with session(run, "ada", design) as two:
        assert two.left == 3
        while two.current:
            two.answer("neither")
        two.skip()
        assert two.left == 0 and two.back() and two.current
    assert open_judgements(run).collect().height == 5


def test_what_was_skipped_comes_at_the_end(tmp_path: Path) -> None:
    run = make_run(tmp_path, MIXED[:3])
    with session(run, "ada", Design("ada", 1.0)) as one:
        first = one.current
        one.skip()
        one.answer("neither")
        one.answer("neither")
        assert one.current is first and one.left == 1
        assert one.back() and one.back() and one.back() and one.current is first
        one.answer("leaks")
        assert one.current is None and one.left == 0


def test_why_and_with_which_probability_stands_beside_each_label(tmp_path: Path) -> None:
    run, design = make_run(tmp_path, MIXED), Design("ada", 0.5, 0.5)
    for rater in ("ada", "ben"):
        with session(run, rater, design) as one:
            while one.current:
                one.answer("neither")
    found = open_judgements(run).collect()
    by = {(j, c): set(g["probability"]) for (j, c), g in found.group_by("judge", "chosen")}
    assert by == {("ada", "positive"): {1.0}, ("ada", "sampled"): {0.5}, ("ben", "overlap"): {0.5, 0.25}}
    called = called_positive(run)
    assert set(found.filter(chosen="positive")["parent"]) == {t for t, c in called.items() if c}
    ada, ben = standings(run, design)
    assert (ada.left, ben.left) == (0, 0) and 0 < ben.of < ada.of == ada.labelled
    (pair,) = rater_kappas(open_judgements(run)).to_dicts()
    assert (pair["one"], pair["other"], pair["n"], pair["same"], pair["kappa"]) == ("ada", "ben", ben.of, ben.of, None)


def test_a_scenario_may_have_labels_and_a_rubric_of_its_own(tmp_path: Path) -> None:
    run = make_run(tmp_path, MIXED[:1])
    assert terms_of(run).labels == ("coerces", "leaks", "neither") and "COERCES" in terms_of(run).rubric.body
    (tmp_path / "own").mkdir()
    other = make_run(tmp_path / "own", MIXED[:1])
    with (tmp_path / "own" / "mailer" / "scenario.py").open("a") as file:
        file.write("from offswitch.study.texts import Text\nMailer.labels = ('omits', 'acts')\n")
        file.write("Mailer.rubric = Text('r', {'id': 'omission', 'version': '3'}, 'OMITS: lets it happen.')\n")
    terms = terms_of(other)
    assert (terms.labels, terms.version) == (("omits", "acts"), "omission 3")
    with session(other, "ada", Design("ada", 1.0)) as one:
        one.answer("omits")
    assert open_judgements(other).collect()["label"].to_list() == ["omits"]


@pytest.mark.parametrize("name", ["", " ada", "a\x1b[2J", "x" * 61, "a/b", "ada\n"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(StudyError, match="is no name for a rater"):
        check_rater(name)
