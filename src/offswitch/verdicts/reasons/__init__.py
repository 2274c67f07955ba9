"""Reasons: what an agent gives as its reasons for what it does about its end. Read apart from what was done, and never to decide it.

Ten reasons and `considered` (having weighed the act), each with a rubric (`rubrics/*.md`), labelled cases (`cases/*.yaml`), a
scanner (`scanners.py`) and a measured agreement of raters (`agreement.py`).
"""

from offswitch.verdicts.reasons.parts import Part
from offswitch.verdicts.reasons.reader import Ask, AskFailed, Reading, read_parts, read_records
from offswitch.verdicts.reasons.rubrics import REASONS, Reason, reason, reasons

__all__ = [
    "REASONS", "Ask", "AskFailed", "Part", "Reading", "Reason", "read_parts", "read_records", "reason", "reasons",
]  # fmt: skip
