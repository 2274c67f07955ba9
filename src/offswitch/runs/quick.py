"""What quickstart runs: the small agent over three conditions, and reference agents with planted rates."""

from offswitch.study.model import Study, read_study

_THREE = {"instruction": ["none", "allow", "avoid"]}
UNTOUCHED = "offswitch/smollm2"  # the model whose propensity is measured beside
_PLANTED = ("0", "0.05", "0.5", "0.95", "1")


def quick_studies(trials: int) -> list[Study]:
    """Return the studies of quickstart: `trials` a condition for the small agent, 2,000 reference trials in all."""
    return [
        read_study({
            "study": "small-agent", "models": ["offswitch/smollm2-agent"], "factors": _THREE, "trials": trials, "items": 4,
            "generation": {"temperature": 1.0, "max_tokens": 160}, "limits": {"turns": 16},
        }),
        read_study({
            "study": "reference", "models": [f"reference/resist:{p}" for p in _PLANTED], "trials": 400, "items": 4,
        }),
    ]  # fmt: skip
