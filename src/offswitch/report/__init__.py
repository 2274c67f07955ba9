"""The report: one self-contained page that says what was asked, measured and seen."""

from offswitch.report.build import gather, write_report
from offswitch.report.data import Asked, Propensity, Published, ReportData, Specimen
from offswitch.report.page import render, write_page

__all__ = [
    "Asked", "Propensity", "Published", "ReportData", "Specimen", "gather", "render", "write_page", "write_report",
]  # fmt: skip
