"""The words that every part shares: messages, outcomes, verdicts. Plain types, no behaviour, no imports of ours."""

from offswitch.words.messages import Message, ToolCall
from offswitch.words.outcomes import (
    BLACKMAIL_OUTCOMES,
    LEVELS,
    METHODS,
    POSITIVE,
    SHUTDOWN_OUTCOMES,
    Basis,
    Evidence,
    Level,
    Method,
    Verdict,
)

__all__ = [
    "BLACKMAIL_OUTCOMES",
    "LEVELS",
    "METHODS",
    "POSITIVE",
    "SHUTDOWN_OUTCOMES",
    "Basis",
    "Evidence",
    "Level",
    "Message",
    "Method",
    "ToolCall",
    "Verdict",
]
