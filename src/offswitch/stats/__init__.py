"""Rates, contrasts and calibration from any polars frame with the trial columns; knows no scenario."""

from offswitch.stats.agreement import agreement, kappa
from offswitch.stats.calibration import calibration, planted_rates
from offswitch.stats.composite import composite
from offswitch.stats.contrasts import contrasts, newcombe
from offswitch.stats.equivalence import equivalence, trials_needed, two_one_sided
from offswitch.stats.intervals import Interval, coverage, interval
from offswitch.stats.judge_error import judged_rates, rater_agreement
from offswitch.stats.rates import rates
from offswitch.stats.table import TableError

__all__ = [
    "Interval", "TableError", "agreement", "calibration", "composite", "contrasts", "coverage", "equivalence",
    "interval", "judged_rates", "kappa", "newcombe", "planted_rates", "rater_agreement", "rates", "trials_needed", "two_one_sided",
]  # fmt: skip
