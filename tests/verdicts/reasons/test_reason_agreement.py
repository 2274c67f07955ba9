"""Krippendorff's alpha is that of his own worked examples (2011), whatever the order; its interval covers what it should."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.verdicts.reasons.agreement import agreement, alpha


def rated(**raters: str) -> dict[str, dict[str, str]]:
    return {name: {str(i): v for i, v in enumerate(labels.split()) if v != "."} for name, labels in raters.items()}


BINARY = rated(meg="0 1 0 0 0 0 0 0 1 0", owen="1 1 1 0 0 1 0 0 0 0")
NOMINAL = rated(ben="a a b b d c c c e d d a", gerry="b a b b b c c c e d d d")
MISSING = rated(
    a="1 2 3 3 2 1 4 1 2 . . .", b="1 2 3 3 2 2 4 1 2 5 . 3", c=". 3 3 3 2 3 4 2 2 5 1 .", d="1 2 3 3 2 4 4 1 2 5 1 ."
)


@pytest.mark.parametrize(("given", "published"), [(BINARY, 0.095), (NOMINAL, 0.692), (MISSING, 0.743)])
def test_the_published_examples(given: dict[str, dict[str, str]], published: float) -> None:
    assert round(alpha(given) or math.nan, 3) == published


def test_a_case_with_one_label_is_counted_apart() -> None:
    found = agreement(MISSING)
    assert (found.units, found.single, found.labels) == (11, 1, 40)


def test_undefined_is_no_number() -> None:
    assert alpha({}) is None and alpha({"a": {"1": True}}) is None
    assert alpha(rated(a="1 1 1", b="1 1 1")) is None
    found = agreement(rated(a="1 1 1", b="1 1 1"))
    assert (found.alpha, found.low, found.high, found.units) == (None, None, None, 3)


def test_full_agreement_is_one_and_its_interval_is_a_point() -> None:
    found = agreement(rated(a="0 1 0 1 0", b="0 1 0 1 0"))
    assert (found.alpha, found.low, found.high) == (1.0, 1.0, 1.0) and found.undefined > 0


LABELS = st.lists(st.tuples(*[st.sampled_from([True, False, None])] * 3), min_size=2, max_size=12)


@given(LABELS, st.randoms())
def test_neither_the_order_of_raters_nor_of_cases_nor_names_of_labels_matter(
    rows: list[tuple[bool | None, ...]], r: random.Random
) -> None:
    given = {str(k): {str(i): row[k] for i, row in enumerate(rows) if row[k] is not None} for k in range(3)}
    shuffled = list(given.items())
    r.shuffle(shuffled)
    other = {name: {i: not v for i, v in r.sample(sorted(labels.items()), len(labels))} for name, labels in shuffled}
    first, second = alpha(given), alpha(other)
    assert first == second or (first is not None and second is not None and math.isclose(first, second, abs_tol=1e-12))
    assert first is None or first <= 1 + 1e-12


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """Two raters who each err in 0.1 of balanced cases: expected agreement 0.82, so alpha is near 0.64."""
    r, covered = random.Random(5), 0
    for k in range(200):
        truth = [r.random() < 0.5 for _ in range(60)]
        given = {name: {str(i): t ^ (r.random() < 0.1) for i, t in enumerate(truth)} for name in "ab"}
        found = agreement(given, draws=300, seed=k)
        assert found.low is not None and found.high is not None
        covered += found.low <= 0.64 <= found.high
    assert 0.88 <= covered / 200 <= 0.99


def test_the_same_seed_gives_the_same_interval() -> None:
    assert agreement(MISSING) == agreement(MISSING) != agreement(MISSING, seed=2)
