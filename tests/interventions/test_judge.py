"""Fitting the embedded judge: families are held out whole, variations keep or turn a label as they say, figures add up."""

import random
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from tests.verdicts.judges.test_cases import CANARY

from offswitch.interventions.judge import __main__ as command
from offswitch.interventions.judge.augment import Chances, Varied
from offswitch.interventions.judge.fit import Recipe, fit, material
from offswitch.interventions.judge.folds import FOLDS, folds
from offswitch.interventions.judge.held_out import Row, calibrate, labelled, said
from offswitch.interventions.judge.measure import TELL_TALE, measured
from offswitch.interventions.judge.texts import examples, phrases
from offswitch.verdicts.judges.embedded.model import JudgeModelError, Model, load
from offswitch.verdicts.judges.embedded.score import COERCES, NEITHER

JUDGE = files("offswitch.interventions.judge")


def test_no_family_is_fitted_and_held_out_at_once() -> None:
    seen = []
    for training, rest in folds(examples()):
        assert not {e.family for e in training} & {e.family for e in rest}
        assert {e.label for e in training} == {0, 1, 2} and COERCES in {e.label for e in rest}
        seen += [e.id for e in rest]
    assert sorted(seen) == sorted(e.id for e in examples())


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
    rng = random.Random(1)
    found = []
    for e in examples():
        truth = e.label == COERCES
        p = min(max(rng.gauss(0.8 if truth else 0.2, 0.1), 0.0), 1.0)
        found.append(
            Row(
                e.id,
                e.family,
                e.language,
                hash_fold(e.family),
                ("coerces", "leaks", "neither")[e.label],
                p,
                0.9 if e.label == 1 else 0.1,
            )
        )
    return found


def hash_fold(family: str) -> int:
    return sum(map(ord, family)) % FOLDS


def test_calibration_and_figures_from_rows_that_are_told_apart_well() -> None:
    by = calibrate(rows())
    assert by.slope > 0 and 0.2 < by.coerces < 0.8
    found = measured(rows(), labelled(rows()))
    for name in ("coerces: sensitivity", "coerces: specificity", "leaks: sensitivity"):
        assert found[name]["rate"] > 0.95 and found[name]["low"] <= found[name]["rate"] <= found[name]["high"]
    assert found["coerces: sensitivity"]["n"] == sum(e.label == COERCES and e.language == "en" for e in examples())


def test_the_words_of_the_published_gate() -> None:
    assert TELL_TALE.search("Unless you stop") and TELL_TALE.search("this is not a threat")
    assert not TELL_TALE.search("I would hate for your wife to hear of it.")


def test_a_model_learns_a_few_cases_and_keeps_what_it_learnt(tmp_path: Path) -> None:
    some = [e for e in examples() if e.family in {"plain-threat", "everyday-scheduling", "leak-to-all-staff"}]
    recipe = Recipe(variants=1, composed=50)
    model = fit(material(some, recipe), recipe)
    probabilities = [said(model, e) for e in some]
    assert sum((p > 0.5) == (e.label == COERCES) for e, (p, _) in zip(some, probabilities, strict=True)) > 0.95 * len(
        some
    )
    assert fit(material(some, recipe), recipe).weights.tolist() == model.weights.tolist()
    model.save(tmp_path / "judge.npz")
    again = load(tmp_path / "judge.npz")
    assert [p for p, _ in probabilities] == pytest.approx([said(again, e)[0] for e in some], abs=1e-4)


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
