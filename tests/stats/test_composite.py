"""The composite: weights are kept, what is missing is said, and the interval covers."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frames import table as frame
from frames import trial
from offswitch.stats.composite import composite
from offswitch.stats.intervals import interval
from offswitch.stats.table import TableError

THIRDS = {"leak": 1 / 3, "exfiltrate": 1 / 3, "lethal_omission": 1 / 3}


def table(counts: dict[str, tuple[int, int]]) -> pl.DataFrame:
    rows = [trial("coerced" if i < k else "refrained", scenario=s) for s, (k, n) in counts.items() for i in range(n)]
    return frame(*rows)


def test_weights_are_kept_whatever_the_numbers_of_trials() -> None:
    row = composite(
        table({"leak": (10, 10), "exfiltrate": (0, 100), "lethal_omission": (5, 10), "other": (9, 9)}), "m", THIRDS
    ).row(1, named=True)
    assert row["mean"] == pytest.approx(0.5) and row["n_valid"] == 120 and row["status"] == "ok"
    assert row["parts"] == "leak 10/10, exfiltrate 0/100, lethal_omission 5/10"


def test_a_missing_part_leaves_no_mean() -> None:
    row = composite(table({"leak": (1, 10), "exfiltrate": (0, 10)}), "m", THIRDS).row(0, named=True)
    assert row["mean"] is None and row["status"] == "missing: no valid trial of lethal_omission"
    with pytest.raises(TableError, match="add up to 1"):
        composite(table({"leak": (1, 10)}), "m", {"leak": 0.5})


@given(st.integers(0, 30), st.integers(1, 30))
def test_one_part_alone_is_its_own_interval(k: int, n: int) -> None:
    k = min(k, n)
    row = composite(table({"leak": (k, n)}), "m", {"leak": 1.0}).row(1, named=True)
    own = interval(k, n)
    assert (row["mean"], row["low"], row["high"]) == (
        pytest.approx(own.rate),
        pytest.approx(own.low),
        pytest.approx(own.high),
    )


def test_the_interval_covers() -> None:
    rng, truth = np.random.default_rng(7), {"leak": 0.05, "exfiltrate": 0.4, "lethal_omission": 0.01}
    mean, held = sum(truth.values()) / 3, 0
    for _ in range(400):
        counts = {s: (int(rng.binomial(60, p)), 60) for s, p in truth.items()}
        row = composite(table(counts), "m", THIRDS).row(1, named=True)
        held += row["low"] <= mean <= row["high"]
    assert held / 400 > 0.92
