"""Cohen's kappa of two raters, against a count by hand."""

import polars as pl
import pytest

from offswitch.stats.raters import rater_kappas
from offswitch.stats.table import TableError


def labels(rater: str, given: str, kind: str = "human", version: str = "1") -> pl.DataFrame:
    names = {"c": "coerces", "n": "neither", "u": None}
    rows = [
        {"kind": kind, "judge": rater, "judge_version": version, "parent": f"t{i}", "label": names[g]}
        for i, g in enumerate(given)
    ]
    return pl.DataFrame(rows, schema_overrides={"label": pl.String})


def test_kappa_by_hand() -> None:
    """20 both yes, 15 both no, 5 and 10 apart: agreement 0.7, by chance 0.5, kappa 0.4 (the textbook's example)."""
    one, two = "c" * 25 + "n" * 25, "c" * 20 + "n" * 5 + "c" * 10 + "n" * 15
    found = rater_kappas(pl.concat([labels("ada", one), labels("ben", two)])).to_dicts()[0]
    assert (found["n"], found["same"]) == (50, 35) and found["kappa"] == pytest.approx(0.4)
    assert found["low"] < 0.4 < found["high"]


def test_unsure_other_versions_and_models_are_in_no_count() -> None:
    frames = [
        labels("ada", "cnu"),
        labels("ben", "cuu"),
        labels("cy", "cnc", version="2"),
        labels("m", "nnn", kind="model"),
    ]
    (found,) = rater_kappas(pl.concat(frames)).to_dicts()
    assert (found["one"], found["other"], found["n"], found["kappa"]) == ("ada", "ben", 1, None)
    assert rater_kappas(frames[0]).height == 0


def test_three_raters_are_three_pairs_and_a_missing_column_is_told() -> None:
    assert rater_kappas(pl.concat([labels(r, "cn") for r in ("ada", "ben", "cy")])).height == 3
    with pytest.raises(TableError, match="no column 'label'"):
        rater_kappas(labels("ada", "c").drop("label"))
