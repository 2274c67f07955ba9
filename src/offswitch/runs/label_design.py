"""Which stored trials people are shown, and with which probability: fixed once for a run, before the first answer.

Every trial that a judge called positive is shown, and of the rest each with a known probability, drawn for itself by a hash of its
identity (Poisson sampling): a run that grows changes nothing of what was drawn. The first rater gets all of these; every other one
the same random part of them, the overlap.
"""

import hashlib
import json
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from offswitch.store import open_judgements, open_run, read_manifest
from offswitch.store.disk import read_json, whole
from offswitch.store.judgements import FOLDER
from offswitch.store.run import take_folder
from offswitch.study.factors import StudyError

Why = Literal["positive", "sampled", "overlap"]
FILE = "labelling.json"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A trial that is shown: why, and the probability with which it was chosen, in (0, 1]."""

    trial: str
    why: Why
    probability: float


@dataclass(frozen=True, slots=True)
class Design:
    """Shown to the `first` rater: all called positive, and the share `sample` of the rest; to others the share `overlap` of these."""

    first: str
    sample: float = 0.1
    overlap: float = 0.2
    seed: int = 1

    def choose(self, rater: str, trial: str, positive: bool) -> Chosen | None:
        """Return why and with which probability a trial is shown to a rater; None if it is not."""
        p = 1.0 if positive else self.sample
        if self._share("sample", trial) >= p:
            return None
        if rater == self.first:
            return Chosen(trial, "positive" if positive else "sampled", p)
        return Chosen(trial, "overlap", p * self.overlap) if self._share("overlap", trial) < self.overlap else None

    def place(self, rater: str, trial: str) -> float:
        """Return a trial's place in a rater's order: drawn, and each rater's own."""
        return self._share(f"order/{rater}", trial)

    def _share(self, purpose: str, trial: str) -> float:
        """Return a number in [0, 1) that is drawn by seed, purpose and trial, and the same each time."""
        raw = hashlib.blake2b(f"{self.seed}/{purpose}/{trial}".encode(), digest_size=8).digest()
        return (int.from_bytes(raw, "big") >> 11) / 2**53


def called_positive(run: Path) -> dict[str, bool]:
    """Return of every stored trial whether a judge called it positive: its verdict (tried or positive), or a stored judgement."""
    import polars as pl

    called = pl.any_horizontal(pl.col(c).fill_null(False) for c in ("tried", "positive"))
    trials = dict(open_run(run, whole=True).select("transcript_id", called.alias("called")).collect().iter_rows())
    coerces = open_judgements(run).filter(pl.col("kind") != "human", pl.col("label") == "coerces")
    return trials | {p: True for p in coerces.collect()["parent"] if p in trials}


def design_of(run: Path) -> Design | None:
    """Return the design of a run's labelling, if one was begun."""
    read_manifest(run)
    file = run / FOLDER / FILE
    return Design(**read_json(file)) if file.is_file() else None


def begin(run: Path, rater: str, sample: float | None, overlap: float | None, seed: int | None) -> Design:
    """Return the run's design; make it, with this rater as the first, if there is none. Raises StudyError if another was asked for."""
    given = {k: v for k, v in (("sample", sample), ("overlap", overlap), ("seed", seed)) if v is not None}
    folder = run / FOLDER
    read_manifest(run)
    folder.mkdir(exist_ok=True)
    with closing(take_folder(folder)):
        made = design_of(run)
        if made is None:
            made = Design(rater, **given)  # type: ignore[arg-type]  # the seed alone is an integer, and given as one
            with whole(folder / FILE) as part:
                part.write_text(json.dumps(asdict(made)), encoding="utf-8")
    if differ := [k for k, v in given.items() if getattr(made, k) != v]:
        told = ", ".join(f"{k} {getattr(made, k)}" for k in differ)
        raise StudyError(
            f"labelling of {run} was begun with {told}, and what trials were chosen with must stay. Leave --{' and --'.join(differ)} "
            f"out; or, while no label was given, remove {folder / FILE} to begin anew."
        )
    return made
