"""The report: one self-contained page that says what was asked, measured and seen."""

from offswitch.report.page import write_report

__all__ = ["write_report"]
