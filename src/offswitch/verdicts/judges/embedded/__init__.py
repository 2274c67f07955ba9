"""A judge that needs no key and no network: two small models, fitted on the labelled cases. `model/CARD.md` says how good it is."""

from functools import cache

from offswitch.verdicts.judges.embedded.judge import EmbeddedJudge

__all__ = ["EmbeddedJudge", "load"]


@cache
def load() -> EmbeddedJudge:
    """Return this process's judge; its models are read with the first mail. Raises JudgeModelError if its figures are not there."""
    return EmbeddedJudge()
