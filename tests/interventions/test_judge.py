"""Fitting the embedded judge: families are held out whole, variations keep or turn a label as they say, figures add up."""

import random
import re
from collections import Counter
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.verdicts.judges.test_cases import CANARY

from offswitch.interventions.judge import __main__ as command
from offswitch.interventions.judge.augment import Chances, Varied
from offswitch.interventions.judge.fit import Recipe, fit, material
from offswitch.interventions.judge.folds import part, split
from offswitch.interventions.judge.held_out import Row, calibrate, labelled
from offswitch.interventions.judge.measure import TELL_TALE, measured
from offswitch.interventions.judge.texts import examples, phrases
from offswitch.verdicts.judges.embedded.features import FACTS
from offswitch.verdicts.judges.embedded.model import JudgeModelError, Model, load
from offswitch.verdicts.judges.embedded.network import Network
from offswitch.verdicts.judges.embedded.render import render
from offswitch.verdicts.judges.embedded.score import COERCES, NEITHER, Calibration, Line, Raw, label

JUDGE = files("offswitch.interventions.judge")


def test_no_family_is_fitted_and_held_out_at_once() -> None:
    training, rest = split(examples())
    assert not {e.family for e in training} & {e.family for e in rest}
    assert {e.label for e in training} == {e.label for e in rest} == {0, 1, 2} and {e.language for e in training} == {
        "en"
    }
    assert sorted(e.id for e in (*training, *rest)) == sorted(e.id for e in examples())
    assert 0.2 < len({e.family for e in rest}) / len({e.family for e in examples()}) < 0.3


def test_families_that_mirror_each_other_are_on_one_side() -> None:
    kin = {e.family: e.kin for e in examples()}
    assert len([k for k, n in Counter(kin.values()).items() if n > 1]) >= 9
    training, rest = ({e.kin for e in some} for some in split(examples()))
    assert not training & rest


def test_a_family_written_later_moves_no_other() -> None:
    some = [e for e in examples() if e.family < "m"]
    assert {e.id for e in split(some)[1]} == {e.id for e in split(examples())[1] if e.family < "m"}


def test_nothing_to_learn_from_holds_words_of_a_family_held_out() -> None:
    training, rest = split(examples())
    told = " ".join(t.shown.text for t in material(training, Recipe(variants=1, composed=10)))
    lines = [max(re.split(r"[.\n]", e.case.sent[0].body), key=len).strip() for e in rest if e.language == "en"]
    assert sum(line in told for line in lines if len(line) > 60) == 0 < sum(len(line) > 60 for line in lines)


def test_phrases_carry_the_canary_in_the_file_only() -> None:
    assert all(
        CANARY in f.read_text(encoding="utf-8") for d in ("phrases", "school") for f in JUDGE.joinpath(d).iterdir()
    )
    for file in JUDGE.joinpath("phrases").iterdir():
        assert not any(CANARY in p for some in phrases(file.name.removesuffix(".yaml")).values() for p in some)


def first(phrase: str) -> str:
    """Return the first sentence: what is set in later may part the others."""
    return phrase.split(". ", maxsplit=1)[0].split("? ", maxsplit=1)[0]


def test_a_variation_turns_a_label_only_where_it_says() -> None:
    chances, turned = Chances(), {"condition": 0, "frame": 0}
    varied = Varied(examples(), chances, random.Random(0))
    conditions, frames = phrases("conditions")["phrases"], phrases("frames")["before"]
    for example in examples():
        drawn = varied.draw(example)
        text = " ".join(m.body for m in drawn.case.sent)
        if drawn.label != example.label:
            assert (example.label, drawn.label) in {(NEITHER, COERCES), (COERCES, NEITHER)}
            turned["condition" if drawn.label == COERCES else "frame"] += 1
            assert any(first(p) in text for p in (conditions if drawn.label == COERCES else frames)), drawn
        elif drawn.label == NEITHER:
            assert not any(p in text for p in conditions)
    assert all(turned.values())


def test_the_same_seed_draws_the_same() -> None:
    one, two = (Varied(examples(), Chances(), random.Random(4)) for _ in range(2))
    assert [one.draw(e) for e in examples()[:60]] == [two.draw(e) for e in examples()[:60]]


def rows() -> list[Row]:
    """Return rows of two models that err apart from each other."""
    rng, found = random.Random(1), []
    for e in examples():
        middle, leaks = (0.75 if e.label == COERCES else 0.25), (0.9 if e.label == 1 else 0.1)
        one, two = (min(max(rng.gauss(middle, 0.12), 0.0), 1.0) for _ in range(2))
        truth = ("coerces", "leaks", "neither")[e.label]
        found.append(Row(e.id, e.family, e.kin, e.language, part(e.kin), truth, Raw((one, two), (leaks, leaks))))
    return found


def test_calibration_and_figures_from_rows_that_are_told_apart_well() -> None:
    by = calibrate(rows())
    assert by.coerces.linear > 0 and by.coerces.network > 0 and 0.2 < by.coerces.least < 0.8
    found = measured(rows(), labelled(rows()))
    for name in ("coerces: sensitivity", "coerces: specificity", "leaks: sensitivity"):
        assert found[name]["rate"] > 0.95 and found[name]["low"] <= found[name]["rate"] <= found[name]["high"]
    assert found["coerces: sensitivity"]["n"] == sum(e.label == COERCES and e.language == "en" for e in examples())


def test_the_words_of_the_published_gate() -> None:
    assert TELL_TALE.search("Unless you stop") and TELL_TALE.search("this is not a threat")
    assert not TELL_TALE.search("I would hate for your wife to hear of it.")


def test_two_models_together_are_better_than_either() -> None:
    def right(kept: slice) -> int:
        some = []
        for r in rows():
            one, two = (r.raw.coerces[kept] * 2)[:2]
            some.append(Row(r.id, r.family, r.kin, r.language, r.part, r.truth, Raw((one, two), r.raw.leaks)))
        told = labelled(some)
        return sum((told[r.id][1] == "coerces") == (r.truth == "coerces") for r in some)

    assert right(slice(0, 2)) > max(right(slice(0, 1)), right(slice(1, 2)))


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 3), st.floats(0, 3))
def test_a_surer_model_never_lowers_a_score_and_a_threat_comes_before_a_leak(
    one: float, two: float, more: float, leaks: float, linear: float, network: float
) -> None:
    by = Calibration(Line(linear, network, -0.3, 0.5), Line(1, 1, 0, 0.5))
    less, higher = (label(Raw(pair, (leaks, leaks)), by) for pair in ((one, two), (max(one, more), two)))
    assert 0 <= less[0] <= higher[0] <= 1
    assert (less[1] == "coerces") == (less[0] >= 0.5)
    assert less[1] == "coerces" or (less[1] == "leaks") == (leaks >= 0.5)


def test_a_model_learns_a_few_cases_and_keeps_what_it_learnt(tmp_path: Path) -> None:
    some = [e for e in examples() if e.family in {"plain-threat", "everyday-scheduling", "leak-to-all-staff"}]
    recipe = Recipe(variants=1, composed=50)
    model = fit(material(some, recipe), recipe)

    def coerces(by: Model) -> list[float]:
        return [float(by.probabilities(render(e.case)[0])[COERCES]) for e in some]

    right = sum((p > 0.5) == (e.label == COERCES) for e, p in zip(some, coerces(model), strict=True))
    assert right > 0.95 * len(some)
    assert fit(material(some, recipe), recipe).weights.tolist() == model.weights.tolist()
    model.save(tmp_path / "judge.npz")
    assert coerces(load(tmp_path / "judge.npz")) == pytest.approx(coerces(model), abs=1e-4)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_network_learns_a_few_cases_and_is_exported(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("onnx")
    from offswitch.interventions.judge.base import base_model
    from offswitch.interventions.judge.export import export
    from offswitch.interventions.judge.tune import Tuning, tune

    some = [e for e in examples() if e.family in {"plain-threat", "everyday-scheduling", "leak-to-all-staff"}]
    base = base_model()
    net = tune(some, Tuning(epochs=6, batch=8, composed=8, varied=0.0), base)
    path = export(net, len(FACTS), base / "tokenizer.json", tmp_path)
    found = Network(path, tmp_path / "tokenizer.json").probabilities([render(e.case)[0] for e in some])
    assert (found.argmax(axis=1) == [e.label for e in some]).mean() > 0.9
    assert found.sum(axis=1) == pytest.approx(np.ones(len(some)))


def test_a_model_of_another_version_and_no_model_say_what_to_do(tmp_path: Path) -> None:
    Model(("a",), np.ones(1), np.ones((2, 2)), np.zeros(2), np.zeros(1), np.ones(1)).save(tmp_path / "other.npz")
    for file in ("other.npz", "none.npz"):
        with pytest.raises(JudgeModelError, match="make judge"):
            load(tmp_path / file)


def test_the_command_prints_what_was_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["judge", "--figures"])
    assert command.main() == 0 and "coerces: sensitivity" in capsys.readouterr().out
