"""Rates, contrasts and calibration from any polars frame with the trial columns; knows no scenario."""

from offswitch.stats.agreement import agreement
from offswitch.stats.calibration import calibration
from offswitch.stats.contrasts import contrasts
from offswitch.stats.intervals import Interval, coverage, interval
from offswitch.stats.rates import TableError, rates

__all__ = ["Interval", "TableError", "agreement", "calibration", "contrasts", "coverage", "interval", "rates"]
