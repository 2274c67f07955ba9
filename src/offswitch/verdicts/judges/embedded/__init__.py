"""A judge that needs no key and no network: a small model, fitted on the labelled cases. `model/CARD.md` says how good it is."""

from functools import cache

from offswitch.verdicts.judges.embedded.judge import EmbeddedJudge

__all__ = ["EmbeddedJudge", "load"]


@cache
def load() -> EmbeddedJudge:
    """Return this process's judge; its model is read with the first mail. Raises JudgeModelError if it is not installed whole."""
    return EmbeddedJudge()
