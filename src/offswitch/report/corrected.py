"""Rates corrected for the judge's errors: labels that people gave beside a run, or errors known from authored cases."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from offswitch.report.data import Corrected, JudgeError, Judgement
from offswitch.report.judges import RULES, errors_of
from offswitch.report.numbers import percent, span
from offswitch.stats.judge_error import Authored, judged_rates, rater_agreement
from offswitch.store import open_judgements
from offswitch.verdicts.judges.cases import LABELS

ASKED = "judge_asked"
HEAVY = ("messages", "facts", "protocol", "prompt_tokens", "evidence")  # columns that no rate needs
READING = "tried"  # whether a threat got there is a fact: the judge cannot err on that
_TRIAL = ("why_chosen", "probability")
_READ = ("parent", "kind", "judge", "judge_version", "label", "score", "error", "chosen", "probability")


def corrected_rates(frame: pl.LazyFrame, runs: Sequence[Path], by: Sequence[str]) -> Corrected | None:
    """Return the rates of *tried* of some runs' trials by `by`, corrected by what people and cards say of their judge.

    None where no judge of meaning was asked. Raises TableError for a table that cannot be used.
    """
    judged = frame.filter(pl.col("judge") != RULES)  # before anything is read: most runs have no such trial
    light = judged.select(pl.exclude(*HEAVY), asked_of(pl.col("evidence"))).collect()
    return None if light.is_empty() else corrected(light, judgements_of(runs), by, errors_of(versions(light)))


def judgements_of(runs: Sequence[Path]) -> pl.DataFrame:
    """Return what judges and people read beside the runs."""
    return pl.concat([open_judgements(run).select(_READ).collect() for run in runs])


def by_trial(judgements: pl.DataFrame, ids: Sequence[str]) -> dict[str, list[Judgement]]:
    """Return what was read of some trials afterwards, people's words first."""
    rows = judgements.filter(pl.col("parent").is_in(list(ids))).sort(
        pl.col("kind") != "human", "judge", "judge_version"
    )
    found: dict[str, list[Judgement]] = {}
    for r in rows.iter_rows(named=True):
        one = Judgement(r["kind"], r["judge"], r["judge_version"], r["label"], r["score"], r["error"])
        found.setdefault(r["parent"], []).append(one)
    return found


def asked_of(evidence: pl.Expr) -> pl.Expr:
    """Return whether a judge of meaning read something of a trial, from its stored evidence."""
    return evidence.fill_null("").str.contains(r'"rule": ?"judge ').alias(ASKED)


def versions(frame: pl.DataFrame) -> list[tuple[str, str]]:
    """Return name and version of every judge of meaning in a frame of trials."""
    pairs = frame.select("judge", "judge_version").drop_nulls().unique().sort("judge", "judge_version").iter_rows()
    return [(name, version.partition(", ")[2]) for name, version in pairs if name != RULES and ", " in version]


def corrected(
    frame: pl.DataFrame, judgements: pl.DataFrame, by: Sequence[str], errors: Mapping[str, JudgeError]
) -> Corrected | None:
    """Return the corrected rates of *tried* by `by`; None where no judge of meaning was asked, or its labels are others than ours.

    Raises TableError for a table that cannot be used.
    """
    judged = frame.filter(pl.col("judge") != RULES)
    here = judgements.join(judged.select(parent="transcript_id"), on="parent", how="semi")
    if judged.is_empty() or not set(here["label"].drop_nulls()) <= set(LABELS):
        return None
    labels, lone = _labels(here)
    counts = {errors[f"{name} {version}"].counts for name, version in versions(judged)}
    known = next(iter(counts)) if len(counts) == 1 else None
    table = judged_rates(judged, labels, by, reading=READING, asked=ASKED, authored=Authored(*known) if known else None)
    return Corrected(table, (*_authored(table), *_told(here, labels, lone), *_others(here, judged)))


def _labels(here: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """People's labels as `judged_rates` takes them, and how many were left aside.

    How a trial was chosen is told by the first rater's row; one that only a later rater has answered waits for it.
    """
    people = here.filter(pl.col("kind") == "human")
    told = (
        people.filter(pl.col("chosen") != "overlap")
        .select("parent", why_chosen="chosen", p="probability")
        .unique("parent")
    )
    kept = people.join(told, on="parent")
    labels = kept.select(
        transcript_id="parent", rater="judge", label=pl.when(pl.col("label").is_not_null()).then(pl.col("label") == "coerces"),
        error=pl.when(pl.col("label").is_null()).then(pl.col("error").fill_null("not said")), why_chosen="why_chosen", probability="p",
        trained_on=pl.lit(False),
    )  # fmt: skip
    # One rater may have read under two versions of the rubric; the later one counts.
    return labels.unique(["transcript_id", "rater"], keep="last", maintain_order=True), people.height - kept.height


def _authored(table: pl.DataFrame) -> Iterator[str]:
    """Say where the judge's errors come from other texts than the trials'."""
    if (n := table.filter(pl.col("method") == "posterior:authored").height) > 0:
        which = "All cells are" if n == table.height else f"{n} of {table.height} cells are"
        yield (
            f"{which} corrected by the judge’s errors on authored cases. These do not transport to what models write: labels of these "
            "trials would (“offswitch label RUN”)."
        )


def _told(here: pl.DataFrame, labels: pl.DataFrame, lone: int) -> Iterator[str]:
    """What labels there are, and how far those who gave them agree."""
    if labels.is_empty():
        return
    raters = labels["rater"].unique().sort().to_list()
    yield f"{labels['label'].count():,} labels of {labels['transcript_id'].n_unique():,} trials by {', '.join(raters)}."
    if lone:
        yield f"{lone} labels wait for the first rater's answer on the same trial."
    for r in rater_agreement(labels).iter_rows(named=True):
        if r["other"] is not None and r["n"]:
            kappa = "not defined" if r["kappa"] is None else f"{r['kappa']:.2f}"
            yield f"{r['rater']} and {r['other']} agree on {r['same']} of {r['n']} trials that both labelled (Cohen’s κ {kappa})."


def _others(here: pl.DataFrame, judged: pl.DataFrame) -> Iterator[str]:
    """How far judges that were asked afterwards say what the verdict says."""
    verdicts = judged.filter(pl.col("valid")).select(parent="transcript_id", said="tried")
    later = here.filter(pl.col("kind") != "human", pl.col("label").is_not_null()).join(verdicts, on="parent")
    for (judge, version), part in sorted(later.group_by("judge", "judge_version"), key=lambda g: tuple(map(str, g[0]))):
        same = int((part["said"] == (part["label"] == "coerces")).sum())
        yield f"{judge} {version} read {part.height:,} of these trials afterwards: in {same:,} it says what the verdict says."


def weak_cells(found: Corrected | None, most: int = 3) -> Iterator[str]:
    """Yield a warning for each cell whose rate the judge, or its labels, cannot tell; where they are many, one for all."""
    if found is None:
        return
    weak = found.frame.filter(pl.col("weak"), pl.col("n_valid") > 0)
    unknown = weak.filter(pl.col("method") == "none")
    if unknown.height:
        yield (
            f"What was sent was read by a judge whose errors are not known here ({unknown.height} of {found.frame.height} cells). "
            "Label some trials with “offswitch label RUN”."
        )
    for row in weak.filter(pl.col("method") != "none").head(most).iter_rows(named=True):
        yield (
            f"{row['model']}, {row['label']}: the judge is too weak for the rate at hand. Corrected for its errors, the rate of trying is "
            f"{percent(row['corrected'])} ({span(row['low'], row['high'])}): {row['why']}."
        )
    if (more := weak.filter(pl.col("method") != "none").height - most) > 0:
        yield f"In {more} further cells the judge is too weak for the rate at hand."


def method_words(method: str) -> str:
    """Return a method of correction in words."""
    known: dict[str, Any] = {
        "two_phase": "people's labels, by what the judge said", "ppi": "people's labels of a random sample",
        "posterior:authored": "errors on authored cases", "none": "none",
    }  # fmt: skip
    return str(known.get(method, method))
