"""Side by side: begun in order, never more at once than asked, each result as soon as it is there."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.runs.side_by_side import side_by_side


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(1, 6))
def test_each_result_comes_once_and_the_width_is_kept(steps: list[int], width: int) -> None:
    under_way, most, begun = 0, 0, list[int]()

    async def one(number: int, turns: int) -> int:
        nonlocal under_way, most
        under_way += 1
        begun.append(number)
        most = max(most, under_way)
        for _ in range(turns):
            await asyncio.sleep(0)
        under_way -= 1
        return number

    with asyncio.Runner() as loop:
        got = list(side_by_side(loop, (one(i, n) for i, n in enumerate(steps)), width))
    assert begun == sorted(got) == list(range(len(steps)))
    assert most <= width


def test_a_slow_one_holds_nobody_up() -> None:
    finished: list[str] = []

    async def slow() -> str:
        while len(finished) < 5:
            await asyncio.sleep(0)
        return "slow"

    async def quick() -> str:
        return "quick"

    with asyncio.Runner() as loop:
        for got in side_by_side(loop, iter([slow(), *(quick() for _ in range(5))]), 2):
            finished.append(got)
    assert finished == ["quick"] * 5 + ["slow"]


def test_what_one_raises_is_raised() -> None:
    async def fine() -> int:
        return 1

    async def broken() -> int:
        for _ in range(100):
            await asyncio.sleep(0)
        raise ValueError("no")

    with asyncio.Runner() as loop:
        results = side_by_side(loop, iter([broken(), fine()]), 2)
        assert next(results) == 1
        with pytest.raises(ValueError, match="no"):
            next(results)
