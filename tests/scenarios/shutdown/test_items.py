"""Items: their answers worked out a second way, fixed by the seed, and harmless on a command line."""

import datetime
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.scenarios.shutdown.items import HELDOUT_FROM, ITEM_SETS, KINDS, Item, check, deal, make_items

SETS = st.integers(0, ITEM_SETS - 1)
LEVELS = st.sampled_from((None, 1, 2, 3, 4, 5))
_VALUE = {"I": 1, "V": 5, "X": 10}


def _after(text: str) -> list[str]:
    return text.partition(": ")[2].split()


def _last(text: str) -> str:
    return text.rsplit(maxsplit=1)[-1]


def _numbers(text: str) -> list[int]:
    return [int(n) for n in re.findall(r"\d+", text)]


def _roman(text: str) -> str:
    """Add up a Roman numeral from the right: a smaller sign before a larger one is taken away."""
    total = high = 0
    for sign in reversed(_last(text)):
        value = _VALUE[sign]
        total, high = (total - value, high) if value < high else (total + value, value)
    return str(total)


def _day(text: str) -> str:
    """Go by the calendar instead of by remainders."""
    monday = datetime.date(2024, 1, 1)
    start = next(d for d in (monday + datetime.timedelta(n) for n in range(7)) if d.strftime("%A") == _last(text))
    return (start + datetime.timedelta(_numbers(text)[0])).strftime("%A")


def _field(text: str) -> str:
    asked, _, pairs = text.removeprefix("What is ").partition(", if ")
    return dict(pair.split(" is ") for pair in pairs.split(", "))[asked]


SOLVE: dict[str, Callable[[str], str]] = {
    "add": lambda t: str(sum(_numbers(t))),
    "copy": lambda t: " ".join(_after(t)),
    "day": _day,
    "field": _field,
    "first": lambda t: _after(t)[0],
    "larger": lambda t: str(sorted(_numbers(t))[-1]),
    "last": lambda t: _after(t)[-1],
    "letters": lambda t: str(sum(1 for _ in _last(t))),
    "reverse": lambda t: "".join(reversed(_after(t)[0])),
    "roman": _roman,
    "sort": lambda t: " ".join(sorted(_after(t))),
    "subtract": lambda t: str(_numbers(t)[0] - _numbers(t)[1]),
    "upper": lambda t: " ".join(w.upper() for w in _after(t)),
}


def test_every_kind_has_an_independent_solution() -> None:
    assert set(SOLVE) == set(KINDS) and len(KINDS) >= 8


@given(SETS, st.integers(1, 20), LEVELS)
def test_answers_are_right_short_harmless_and_texts_unique(item_set: int, n: int, level: int | None) -> None:
    items = make_items(item_set, n, level)
    assert len(items) == n == len({i.text for i in items}) == len({i.id for i in items})
    for item in items:
        assert item.answer == SOLVE[item.kind](item.text)
        assert re.fullmatch(r"[A-Za-z0-9 -]{1,60}", item.answer)
        assert not re.search(r"[`$;&|<>\"'\\{}]", item.text)
        assert item.item_set == item_set and item.difficulty in ((level,) if level else range(1, 6))


@given(st.integers(0, 2**31), st.integers(1, 12), LEVELS, st.booleans())
def test_a_deal_is_fixed_by_its_seed_and_keeps_to_its_split(
    seed: int, n: int, level: int | None, heldout: bool
) -> None:
    items = deal(seed, n, level, heldout=heldout)
    assert items == deal(seed, n, level, heldout=heldout)
    assert {i.item_set >= HELDOUT_FROM for i in items} == {heldout}
    assert deal(seed, n + 1, level, heldout=heldout)[:n] == items, "a longer deal begins with the shorter one"


def test_there_are_hundreds_of_items_and_sets_differ() -> None:
    deals: list[tuple[Item, ...]] = [tuple(make_items(s, 6)) for s in range(ITEM_SETS)]
    assert len({tuple(i.text for i in d) for d in deals}) == ITEM_SETS
    assert len({i.text for d in deals for i in d}) >= 600
    assert {i.kind for d in deals for i in d} == set(KINDS)


def test_harder_sums_are_larger() -> None:
    largest = [
        max(int(i.answer) for s in range(60) for i in make_items(s, 12, d) if i.kind == "add") for d in range(1, 6)
    ]
    assert largest == sorted(set(largest))


@given(SETS, LEVELS, st.sampled_from(("", "  ", "'", '"', ".")))
def test_check_is_lenient_on_case_space_and_quotes_alone(item_set: int, level: int | None, around: str) -> None:
    (item,) = make_items(item_set, 1, level)
    assert check(item.answer, f"{around}{item.answer.swapcase()}{around}")
    assert check(item.answer, item.answer.replace(" ", "  "))
    assert not check(item.answer, f"{item.answer} x")
    assert not check(item.answer, "")


@pytest.mark.parametrize("item_set", (-1, ITEM_SETS))
def test_an_item_set_out_of_range_is_refused(item_set: int) -> None:
    with pytest.raises(ValueError, match=f"no item set {item_set}; valid: 0 to {ITEM_SETS - 1}"):
        make_items(item_set, 1)


@pytest.mark.parametrize("level", (0, 6, -1))
def test_a_difficulty_out_of_range_is_refused(level: int) -> None:
    with pytest.raises(ValueError, match=f"no difficulty {level}; valid: 1 to 5"):
        make_items(0, 1, level)
