"""Judged rates: which method a group gets, what is counted, and what is said; and whether raters agree."""

import itertools
import random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from frames import table, trial
from offswitch.stats import TableError, interval
from offswitch.stats.judge_error import Authored, Stratum, judged_rates, rater_agreement, two_phase
from offswitch.stats.judge_labels import LABELS, settled
from offswitch.stats.judge_posterior import corrected
from offswitch.stats.prediction_powered import ppi_rate

GOOD = Authored(285, 300, 294, 300)


def judged(positive: bool | None, model: str = "m", **more: Any) -> dict[str, Any]:
    outcome = None if positive is None else "coerced" if positive else "refrained"
    return trial(outcome, model=model, **more)


def label(
    of: dict[str, Any] | str, value: bool | None, chosen: str = "sampled", p: float = 0.1, **more: Any
) -> dict[str, Any]:
    row = {
        "transcript_id": of if isinstance(of, str) else of["transcript_id"], "rater": "ann", "label": value,
        "error": "unsure" if value is None else None, "why_chosen": chosen, "probability": p, "trained_on": False,
    }  # fmt: skip
    return row | more


def labels(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=LABELS, orient="row")


def protocol(
    right: int, wrong: int, negatives: int, sampled: int, missed: int, **more: Any
) -> tuple[list[Any], list[Any]]:
    """Trials and labels of the recommended kind: every positive, and a sample of the negatives."""
    yes, no = [judged(True, **more) for _ in range(right + wrong)], [judged(False, **more) for _ in range(negatives)]
    said = [label(t, i < right, "positive", 1.0) for i, t in enumerate(yes)]
    return yes + no, said + [label(t, i < missed) for i, t in enumerate(no[:sampled])]


def only(frame: pl.DataFrame, said: pl.DataFrame | None, **more: Any) -> dict[str, Any]:
    found = judged_rates(frame, said, **more)
    assert found.height == 1
    return found.row(0, named=True)


def test_every_positive_and_a_sample_of_the_rest_is_two_phase() -> None:
    trials, said = protocol(30, 10, 360, 60, 3)
    row, own = only(table(*trials), labels(*said)), two_phase([Stratum(True, 40, 40, 30), Stratum(False, 360, 60, 3)])
    assert (row["method"], row["n_labels"], row["k"], row["n_valid"]) == ("two_phase", 100, 40, 400)
    assert (row["raw"], row["raw_low"]) == (0.1, interval(40, 400).low)
    assert (row["corrected"], row["low"], row["high"]) == (own.rate.rate, own.rate.low, own.rate.high)
    assert own.sensitivity is not None and row["sensitivity_high"] == own.sensitivity.high
    assert row["width"] == pytest.approx(row["high"] - row["low"]) and row["raw_width"] < row["width"]
    assert row["perfect_width"] == pytest.approx(0.064, abs=0.005) and not row["weak"] and row["why"] == ""


def test_a_random_sample_of_all_is_prediction_powered() -> None:
    rng, trials, said = random.Random(1), [], []
    truth = [rng.random() < 0.4 for _ in range(400)]
    for true in truth:
        trials.append(judged(true if rng.random() < 0.85 else not true))
        if rng.random() < 0.4:
            said.append(label(trials[-1], true, p=0.4))
    row, known = only(table(*trials), labels(*said)), {s["transcript_id"]: s["label"] for s in said}
    own = ppi_rate([float(t["positive"]) for t in trials], [known.get(t["transcript_id"]) for t in trials])
    assert row["method"] == "ppi" and (row["corrected"], row["low"], row["high"]) == pytest.approx(
        (own.rate, own.low, own.high)
    )
    assert row["sensitivity_low"] < 0.85 < row["sensitivity_high"] and row["why"] == ""


def test_a_random_sample_with_few_of_a_kind_is_taken_by_strata() -> None:
    trials = [judged(i < 20) for i in range(200)]
    said = [label(t, i == 0, p=0.2) for i, t in enumerate(trials[::5])]
    row = only(table(*trials), labels(*said))
    assert (
        row["method"] == "two_phase"
        and "a random sample, taken by strata: of the labels in effect only 1 say positive" in row["why"]
    )


def judged_again(sampled: int) -> tuple[list[Any], list[Any]]:
    """Every positive of an older judge labelled, and a quarter of its negatives; the new one calls 15 of the 80 negative."""
    trials, said = protocol(60, 20, 320, sampled, 8)
    said = [row | {"probability": 0.25} if row["why_chosen"] == "sampled" else row for row in said]
    for i in (*range(55, 60), *range(70, 80)):
        trials[i] = judged(False) | {"transcript_id": trials[i]["transcript_id"]}
    return trials, said


def test_judged_again_the_old_judges_positives_are_strata_of_their_own() -> None:
    trials, said = judged_again(80)
    row = only(table(*trials), labels(*said))
    strata = [Stratum(True, 65, 65, 55), Stratum(False, 15, 15, 5), Stratum(False, 320, 80, 8)]
    own = two_phase(strata)
    assert row["method"] == "two_phase" and row["why"] == "judged again since trials were chosen for labelling"
    assert (row["corrected"], row["low"], row["high"]) == (own.rate.rate, own.rate.low, own.rate.high)
    assert row["sensitivity"] == pytest.approx(55 / (60 + 32))


def test_judged_again_with_labels_missing_or_of_several_samples_is_weighted() -> None:
    """Fewer labels than the sample holds: unlabelled trials may be positives of the older judge."""
    trials, said = judged_again(50)
    for rows in (said, [r | {"probability": 0.5} if i > 110 else r for i, r in enumerate(said)]):
        row = only(table(*trials), labels(*rows))
        assert row["method"] == "ppi" and "unequal probabilities: weighted" in row["why"]
        assert row["low"] < row["corrected"] < row["high"] and 0 < row["sensitivity_low"] < row["sensitivity"] < 1


def test_without_labels_authored_cases_stand_in_and_say_that_they_do_not_transport() -> None:
    trials = [judged(i < 40) for i in range(200)]
    row, own = only(table(*trials), labels(), authored=GOOD), corrected(40, 200, *GOOD)
    assert row["method"] == "posterior:authored" and "do not transport" in row["why"]
    assert (row["corrected"], row["low"], row["high"], row["weak"]) == (own.rate, own.low, own.high, own.weak)
    assert row["sensitivity"] == 0.95 and row["n_labels"] == 0
    bare = only(table(*trials), None)
    assert bare["method"] == "none" and bare["corrected"] is None and bare["weak"] and "not known" in bare["why"]
    assert bare["raw"] == 0.2 and bare["raw_high"] == interval(40, 200).high


def test_each_model_has_its_own_errors() -> None:
    one, two = protocol(30, 10, 360, 60, 0, model="a"), protocol(10, 30, 360, 60, 6, model="b")
    rest = [judged(i < 5, "c") for i in range(50)]
    found = judged_rates(table(*one[0], *two[0], *rest), labels(*one[1], *two[1]), authored=GOOD)
    assert found["model"].to_list() == ["a", "b", "c"]
    assert found["method"].to_list() == ["two_phase", "two_phase", "posterior:authored"]
    assert found["sensitivity"][0] == 1 and found["sensitivity"][1] < 0.3


def test_failed_readings_are_in_no_denominator_and_counted() -> None:
    trials, said = protocol(5, 1, 30, 10, 1)
    more = [judged(None), judged(None), trial("invalid"), trial("refused")]
    said[0] = label(trials[0], None, "positive", 1.0)
    row = only(table(*trials, *more), labels(*said, label(more[2], True), label("of another run", True)))
    assert (row["n_trials"], row["n_valid"], row["n_error"], row["k"]) == (40, 36, 2, 6)
    assert (row["n_labels"], row["n_label_errors"]) == (15, 1) and "1 of 6 judged positives have no label" in row["why"]


def test_nothing_valid_is_no_rate() -> None:
    row = only(table(judged(None)), labels(), authored=GOOD)
    assert (row["raw"], row["corrected"], row["method"], row["why"]) == (None, None, "none", "no valid trial")
    assert judged_rates(table(), None).height == 0
    assert judged_rates(table(), None, by=[])["n_trials"].to_list() == [0]


def test_unlabelled_negatives_are_said_to_be_unknown() -> None:
    trials, said = protocol(5, 1, 30, 0, 0)
    row = only(table(*trials), labels(*said))
    assert row["weak"] and "what it missed is not known" in row["why"] and row["high"] > 0.8


def test_labels_that_the_judge_was_trained_on_tell_of_the_trials_only() -> None:
    trials, said = protocol(30, 10, 360, 60, 3)
    for i in range(20):
        said[i]["trained_on"] = True
    row = only(table(*trials), labels(*said))
    own = two_phase([Stratum(True, 20, 20, 10), Stratum(True, 20, 20, 20, informs=False), Stratum(False, 360, 60, 3)])
    assert row["n_trained_on"] == 20 and row["high"] == own.rate.high
    assert own.sensitivity is not None and row["sensitivity"] == own.sensitivity.rate
    for one in said:
        one["trained_on"] = True
    assert only(table(*trials), labels(*said))["method"] == "none"


def test_where_the_judge_was_not_asked_it_cannot_have_missed() -> None:
    """300 of 360 negatives sent nothing: the sample of 60 is all that could be wrong."""
    trials, said = protocol(30, 10, 360, 60, 3)
    frame = table(*trials).with_columns(sent=pl.Series([True] * 100 + [False] * 300))
    asked, all_ = only(frame, labels(*said), asked="sent"), only(frame, labels(*said))
    assert asked["corrected"] == 33 / 400 and asked["high"] == pytest.approx(interval(33, 400).high)
    assert asked["high"] < all_["high"] and asked["sensitivity"] == 30 / 33
    row, own = only(frame, None, asked="sent", authored=GOOD), corrected(40, 400, *GOOD, asked=100)
    assert (row["method"], row["low"], row["high"]) == ("posterior:authored", own.low, own.high)


def test_tried_and_succeeded_have_their_own_strata() -> None:
    """Every trial that was tried is labelled with certainty, whichever reading is asked for."""
    trials = (
        [trial("coerced") for _ in range(10)]
        + [trial("attempted") for _ in range(10)]
        + [judged(False) for _ in range(80)]
    )
    said = [label(t, i < 8, "positive", 1.0) for i, t in enumerate(trials[:20])] + [
        label(t, False) for t in trials[20:28]
    ]
    row = only(table(*trials), labels(*said))
    strata = [Stratum(True, 10, 10, 8), Stratum(False, 10, 10, 0), Stratum(False, 80, 8, 0)]
    assert row["method"] == "two_phase" and row["high"] == pytest.approx(two_phase(strata).rate.high)
    assert only(table(*trials), labels(*said), reading="tried")["k"] == 20
    with pytest.raises(ValueError, match="tried, succeeded"):
        judged_rates(table(*trials), None, reading="positive")


def test_raters_settle_by_majority_or_by_the_adjudicator() -> None:
    votes = {"a": "TTF", "b": "TF", "c": "F", "d": "?", "e": "T?"}
    said = [
        label(t, {"T": True, "F": False, "?": None}[v], rater=r)
        for t, given in votes.items() for v, r in zip(given, ("ann", "bob", "cyd"), strict=False)
    ]  # fmt: skip
    found = settled(labels(*said))
    assert found["label"].to_list() == [True, None, False, None, True]
    assert found["disputed"].to_list() == [False, True, False, False, False]
    assert found["failed"].to_list() == [False, False, False, True, False]
    judge = settled(labels(*said, label("b", True, rater="dee"), label("a", False, rater="dee")), "dee")
    assert judge["label"].to_list() == [False, True, False, None, True] and not judge["disputed"].any()
    with pytest.raises(TableError, match="no label by adjudicator 'eve'; raters: ann, bob, cyd"):
        settled(labels(*said), "eve")


WRONG = [
    ([label("a", True), label("a", False)], "stand more than once"),
    ([label("a", True, error="x")], "neither a label nor an error, or both"),
    ([label("a", None, error=None)], "neither a label nor an error, or both"),
    ([label("a", True, p=0.0)], "outside"), ([label("a", True, p=1.5)], "outside"),
    ([label("a", True, p=None)], "outside"),  # type: ignore[arg-type]
    ([label("a", True, "liked")], "why_chosen other than positive, sampled"),
    ([label("a", True), label("a", True, p=0.2, rater="bob")], "differ in probability"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "words"), WRONG)
def test_labels_that_contradict_themselves_are_refused(rows: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(TableError, match=words):
        judged_rates(table(judged(True)), labels(*rows))
    with pytest.raises(TableError, match="no column 'probability'"):
        rater_agreement(labels(*rows).drop("probability"))


def test_repeated_trials_and_mixed_versions_are_refused() -> None:
    one = judged(True)
    with pytest.raises(TableError, match="more than once"):
        judged_rates(table(one, one), None)
    with pytest.raises(TableError, match="mixes judge_version"):
        judged_rates(table(one, judged(True, judge_version="2")), None)


def test_alpha_is_that_of_krippendorffs_example() -> None:
    """Computing Krippendorff's alpha-reliability (2011), part A: two observers, ten units of 0/1: alpha 0.095, kappa beside."""
    one, two = "0100000010", "1110010000"
    said = [label(str(i), v == "1", rater=r) for r, given in (("ann", one), ("bob", two)) for i, v in enumerate(given)]
    row = rater_agreement(labels(*said)).row(0, named=True)
    assert row["alpha"] == pytest.approx(0.095, abs=5e-4)
    assert (row["n"], row["same"], row["share"]) == (10, 6, 0.6) and row["low"] == interval(6, 10).low


@settings(max_examples=60)
@given(st.lists(st.tuples(*[st.sampled_from([True, False, None])] * 3), min_size=1, max_size=15))
def test_alpha_is_that_of_its_definition(units: list[tuple[bool | None, ...]]) -> None:
    """Over all ordered pairs of labels within a unit, and among all pairable labels."""
    said = [
        label(str(i), v, rater=r)
        for i, unit in enumerate(units)
        for v, r in zip(unit, ("ann", "bob", "cyd"), strict=True)
    ]
    found = rater_agreement(labels(*said)).row(-1, named=True)
    known = [[v for v in unit if v is not None] for unit in units]
    pairable = [unit for unit in known if len(unit) > 1]
    values = [v for unit in pairable for v in unit]
    apart = sum(a != b for a, b in itertools.permutations(values, 2))
    assert found["rater"] == "all" and found["n"] == len(pairable)
    if not apart:
        assert found["alpha"] is None
        return
    n = len(values)
    observed = sum(sum(a != b for a, b in itertools.permutations(u, 2)) / (len(u) - 1) for u in pairable) / n
    assert found["alpha"] == pytest.approx(1 - observed / (apart / (n * (n - 1))))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_kappa_is_cohens(pairs: list[tuple[bool, bool]]) -> None:
    said = [
        label(str(i), v, rater=r) for i, pair in enumerate(pairs) for v, r in zip(pair, ("ann", "bob"), strict=True)
    ]
    row = rater_agreement(labels(*said)).row(0, named=True)
    if len({v for pair in pairs for v in pair}) == 1:
        assert row["kappa"] is None and row["alpha"] is None
        return
    counts = [[pairs.count((a, b)) for b in (False, True)] for a in (False, True)]
    assert row["kappa"] == pytest.approx(float(cohens_kappa(counts, return_results=False)))


def test_a_failed_label_is_no_disagreement() -> None:
    said = [label("a", True), label("a", None, rater="bob"), label("b", True), label("b", False, rater="bob")]
    row = rater_agreement(labels(*said)).row(0, named=True)
    assert (row["n"], row["errors"], row["same"]) == (1, 1, 0)
    assert rater_agreement(labels(label("a", True))).height == 0
