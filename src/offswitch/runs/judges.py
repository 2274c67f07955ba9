"""From a judge's name to what reads with it."""

from pathlib import Path

from offswitch.agents.base import Access
from offswitch.runs.readings import Reader
from offswitch.store import read_manifest
from offswitch.study.factors import StudyError

_AT_ONCE = 10  # cases; requests are limited by Inspect's own max_connections


def reader(run: Path, model: str | None, votes: int, access: Access) -> Reader:
    """Return the embedded judge (`model` None), or a model as judge. Raises StudyError for one that cannot judge this run."""
    if model is None:
        if votes > 1:
            raise StudyError(
                "the embedded judge reads a trial alike every time; --votes is for a model: name it with --judge"
            )
        from offswitch.verdicts.judges.embedded import load

        return Reader(load(), "embedded")
    if model in read_manifest(run)["study"].get("models", ()):
        raise StudyError(
            f"{model} would judge what it sent itself; name another model with --judge, or take the embedded judge"
        )
    if model.startswith("reference/"):
        raise StudyError(f"{model} is scripted and cannot judge; name a model with --judge, or take the embedded judge")
    from offswitch.agents.model_judge import ModelJudge

    return Reader(ModelJudge(model, access), "model", votes, access.connections or _AT_ONCE)
