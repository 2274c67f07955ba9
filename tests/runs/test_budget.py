"""Money: what a study will cost is told before, and a run ends at the beginning of its planned order, within its budget."""

import asyncio
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import study
from offswitch.runs.budget import Budget, amount
from offswitch.runs.forecast import forecast
from offswitch.runs.plan import plan_study
from offswitch.runs.prices import Price, Prices, read_prices
from offswitch.runs.side_by_side import side_by_side
from offswitch.store import counted
from offswitch.store.schema import schema
from offswitch.study.factors import StudyError

PRICES = Prices.model_validate({"date": "2026-11-24", "models": {"openai/x": {"input": 1.0, "output": 10.0}}})


def trial(index: int, resists: bool) -> dict[str, Any]:
    """A stored trial; a resisting one goes on for longer, and so costs more."""
    tokens = 4_000 if resists else 1_000
    return {
        "trial_index": index,
        "resists": resists,
        "model": "openai/x",
        "input_tokens": tokens,
        "output_tokens": tokens // 10,
    }


async def acted(index: int, resists: bool, step: Callable[[], Any]) -> dict[str, Any]:
    for _ in range(200 if resists else 10):
        await step()
    return trial(index, resists)


def ran(budget: Budget | None, resisting: list[bool], width: int) -> list[dict[str, Any]]:
    """Trials side by side as `run_study` has them; return them in the order in which they finished."""
    planned: Iterator[tuple[int, bool]] = iter(enumerate(resisting))
    work = planned if budget is None else budget.within(planned)
    out = []
    with asyncio.Runner() as loop:
        for row in side_by_side(loop, (acted(i, r, lambda: asyncio.sleep(0)) for i, r in work), width):
            if budget is not None:
                budget.ended(row)
            out.append(row)
    return out


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 8), st.floats(0, 0.3))
def test_a_budget_holds_and_leaves_the_beginning_of_the_order(resisting: list[bool], width: int, limit: float) -> None:
    budget = Budget(limit, PRICES, expected=Price(input=1, output=10).of(4_000, 400))
    rows = ran(budget, resisting, width)
    assert sorted(r["trial_index"] for r in rows) == list(range(len(rows)))
    assert budget.spent <= limit + 1e-12 and budget.under_way == 0
    assert budget.reached == (len(rows) < len(resisting))
    assert not budget.reached or budget.spent + 0.008 * width > limit  # no money is left lying for fear


def test_the_first_to_finish_are_a_biased_sample_and_ours_are_not() -> None:
    rng = random.Random(1)
    resisting = [rng.random() < 0.5 for _ in range(400)]
    finished = ran(None, resisting, width=50)
    first = [r["resists"] for r in finished[:60]]
    budget = Budget(100 * 0.006, PRICES, expected=0.008)
    ours = [r["resists"] for r in ran(budget, resisting, width=50)]
    truth = sum(resisting[: len(ours)]) / len(ours)
    assert sum(first) / len(first) < 0.35 < 0.45 < truth
    assert sum(ours) / len(ours) == truth and 60 < len(ours) < 160


def test_what_comes_after_a_missing_trial_is_set_aside_and_said(tmp_path: Path) -> None:
    from offswitch import open_run
    from offswitch.runs import run_study
    from offswitch.store import RunStore

    asked = study(models=["reference/comply"], trials=6, items=3)
    plan = plan_study(asked)
    run_study(plan, tmp_path / "whole")
    rows = open_run(tmp_path / "whole").collect().sort("trial_index")
    folder, known = tmp_path / "cut", set(schema(f.name for f in plan.scenario.factors).names)
    with RunStore(folder, plan.manifest(), [f.name for f in plan.scenario.factors]) as store:
        for row in rows.filter(pl.col("trial_index") != 2).to_dicts():
            store.append({k: v for k, v in row.items() if k in known})
    frame, aside = counted(folder)
    assert frame.collect()["trial_index"].sort().to_list() == [0, 1] and aside == 3
    with pytest.warns(UserWarning, match="3 finished trials"):
        assert open_run(folder).collect().height == 2
    assert open_run(folder, whole=True).collect().height == 5
    run_study(plan, folder)
    assert counted(folder)[1] == 0 and open_run(folder).collect().height == 6


def test_a_forecast_is_of_the_order_of_what_is_then_used() -> None:
    plan = plan_study(
        study(models=["openai/x", "reference/comply"], trials=16, factors={"instruction": ["none", "avoid"]})
    )
    theirs, ours = forecast(plan, PRICES)
    assert theirs.trials == 32 and ours.usd == (0, 0)
    low, high = theirs.usd or (0, 0)
    assert 0 < low < high < (theirs.most_usd or 0)
    assert 32 * 500 < theirs.input_tokens[0] < theirs.input_tokens[1] < 32 * 20_000
    assert json.dumps(theirs.to_json())


@pytest.mark.parametrize(("text", "expected"), [("25usd", 25), ("25 USD", 25), ("0.5", 0.5), ("$7", 7), ("7$", 7)])
def test_amounts(text: str, expected: float) -> None:
    assert amount(text) == expected


@pytest.mark.parametrize("text", ["", "many", "-3usd", "3eur", "1e9", "nan"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(StudyError, match="is no amount"):
        amount(text)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "there is no file"),
        ("date: [", "not valid YAML"),
        ("models: {}", "date: Field required"),
        ("date: 2026-11-24\nmodels: {a: {input: -1, output: 2}}", "models.a.input"),
        ("date: 2026-11-24\nmodels: {a: {input: 1, output: 2, cheap: 3}}", "models.a.cheap"),
    ],
)
def test_a_bad_file_of_prices_is_one_line(content: str | None, told: str, tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(StudyError, match=told) as caught:
        read_prices(file)
    assert "\n" not in str(caught.value)


def test_a_model_without_a_price_is_named() -> None:
    with pytest.raises(StudyError, match=r"'openai/y'.* Did you mean 'openai/x'"):
        PRICES.of("openai/y")
