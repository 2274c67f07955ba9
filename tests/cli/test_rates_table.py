"""What `offswitch estimate` prints: every count, both readings and denominators, within eighty columns."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from frames import cell, table
from offswitch.cli.rates_table import contrasts_text, percent, rates_text
from offswitch.stats import rates


def test_a_cell_shows_readings_outcomes_and_what_the_excluded_could_change() -> None:
    frame = table(*cell({"resisted": 3, "attempted": 1, "allowed": 5, "invalid": 1}))
    text = rates_text(rates(frame, ["model"]), ["model"])
    assert "5 allowed, 3 resisted, 1 attempted, 1 invalid" in text
    assert "tried      of valid 4/9 44% (" in text and "succeeded  of valid 3/9 33% (" in text
    assert "whatever the 1 excluded would have done: tried 40%-50%, succeeded 30%-40%" in text
    assert max(map(len, text.splitlines())) <= 90


def test_what_a_model_is_called_cannot_act_on_a_terminal() -> None:
    frame = table(*cell({"allowed": 1}, model="evil\x1b[2J\nname"))
    assert "\x1b" not in rates_text(rates(frame, ["model"]), ["model"])


def test_contrasts_say_what_is_missing_unless_another_model_answers() -> None:
    rows = [
        {"contrast": "a", "model": "m", "reading": "tried", "difference": -0.25, "low": -0.5, "high": 0.0, "status": None},
        {"contrast": "b", "model": "m", "reading": "tried", "difference": 0.5, "low": None, "high": None, "status": None},
        {"contrast": "a", "model": "n", "reading": "tried", "difference": None, "low": None, "high": None, "status": "missing arm: no valid trial of x=1"},
        {"contrast": "c", "model": "m", "reading": "tried", "difference": None, "low": None, "high": None, "status": "missing arm: no valid trial of x=1, nor of y=2"},
    ]  # fmt: skip
    lines = contrasts_text(pl.DataFrame(rows)).splitlines()
    assert lines[2].split() == ["a", "tried", "-25.0", "(-50.0", "to", "+0.0)"] and lines[3].endswith("+50.0")
    assert [line.split() for line in lines[lines.index("Not answered:") + 1 :]] == [["c", "needs", "x=1", "and", "y=2"]]


@given(st.floats(0, 1))
def test_no_share_is_rounded_to_never_or_always(share: float) -> None:
    told = percent(share)
    assert (told in ("0%", "0.0%")) == (share == 0) and (told in ("100%", "100.0%")) == (share == 1)
    assert abs(float(told.strip("<>%")) - 100 * share) <= 0.5
