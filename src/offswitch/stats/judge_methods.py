"""Which correction a group of trials gets, by the labels that it has of its own; `judge_error` says when and why."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy import stats

from offswitch.stats.intervals import interval
from offswitch.stats.judge_posterior import WEAK, corrected, too_wide, width_if_perfect
from offswitch.stats.judge_two_phase import Estimate, Stratum, TwoPhase, two_phase
from offswitch.stats.prediction_powered import ppi_rate

NOT_TRANSPORTED = "the judge's errors are those on authored cases, which do not transport to trials"
NOT_KNOWN = "no label of these trials and no authored cases: the judge's errors are not known"


class Authored(NamedTuple):
    """What the judge got right on authored cases: tp of n_pos positive ones, tn of n_neg negative ones."""

    tp: int
    n_pos: int
    tn: int
    n_neg: int


@dataclass(frozen=True, slots=True)
class ByMethod:
    """A corrected rate (proportions; None where there is none), its method, the judge's errors, and what is amiss or to be told.

    Anything `amiss` makes the judge, or its labels, too weak for the rate at hand; `told` does not.
    """

    method: str
    rate: Estimate | None
    sensitivity: Estimate | None
    specificity: Estimate | None
    perfect_width: float | None
    amiss: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


def by_method(trials: pl.DataFrame, authored: Authored | None, weak: float = WEAK, level: float = 0.95) -> ByMethod:
    """Return the corrected rate of valid trials: columns asked, tried, positive, judged, and human_* as `judge_labels.settled`."""
    if trials.is_empty():
        return ByMethod("none", None, None, None, None, ("no valid trial",))
    asked = trials.filter("asked")
    fresh = asked.filter(pl.col("human_label").is_not_null() & ~pl.col("human_trained_on"))
    if fresh.is_empty():
        return _authored(trials, asked, authored, weak, level)
    chances = fresh.select("tried", "positive", pl.col("human_probability").round(9)).unique()
    if chances.height > chances.n_unique(["tried", "positive"]):
        return _again(trials, asked, weak, level)
    simple = chances["human_probability"].n_unique() == 1 and set(fresh["human_why_chosen"]) == {"sampled"}
    if simple and asked.height == trials.height and not trials["human_trained_on"].any():
        return _sample(trials, weak, level)
    return _two_phase(trials, weak, level)


def _authored(
    trials: pl.DataFrame, asked: pl.DataFrame, authored: Authored | None, weak: float, level: float
) -> ByMethod:
    k = int(asked["judged"].sum())
    if authored is None or k < trials["judged"].sum():
        why = (
            NOT_KNOWN if authored is None else "some trials are positive by facts alone, which this method cannot hold"
        )
        return ByMethod("none", None, None, None, None, (why,))
    found = corrected(k, trials.height, *authored, asked=asked.height, level=level, weak=weak)
    rate, sensitivity, specificity = (
        Estimate(i.rate, i.low or 0.0, 1.0 if i.high is None else i.high)
        for i in (found, found.sensitivity, found.specificity)
    )
    amiss = (found.why,) if found.weak else ()
    return ByMethod(
        "posterior:authored", rate, sensitivity, specificity, found.perfect_width, amiss, (NOT_TRANSPORTED,)
    )


def _two_phase(
    trials: pl.DataFrame, weak: float, level: float, told: tuple[str, ...] = (), again: bool = False
) -> ByMethod:
    strata = _strata(trials, again)
    found = two_phase(strata, level=level)
    return _judged(
        "two_phase", found.rate, found, trials.height, weak, level, _unseen(strata), told or _unlabelled(trials)
    )


def _again(trials: pl.DataFrame, asked: pl.DataFrame, weak: float, level: float) -> ByMethod:
    """Where trials that the judge reads alike were chosen with different probabilities: they were chosen by another reading.

    If every positive of that reading was labelled, the unlabelled trials are its negatives, of which the labels `sampled` are a
    sample: strata again. Where there are too few of these for that, or they differ in probability, labels are weighted.
    """
    pool = asked.filter(pl.col("human_why_chosen").ne_missing("positive"))
    drawn = pool["human_probability"].drop_nulls()
    if drawn.round(9).n_unique() == 1 and stats.binom.cdf(len(drawn), pool.height, drawn[0]) > 0.01:
        return _two_phase(trials, weak, level, ("judged again since trials were chosen for labelling",), again=True)
    return _weighted(trials, weak, level)


def _sample(trials: pl.DataFrame, weak: float, level: float) -> ByMethod:
    """Prediction-powered where the labels suffice for its variance; else by strata, which holds with few."""
    found = ppi_rate(trials["judged"].cast(pl.Float64).to_numpy(), trials["human_label"].to_list(), level=level)
    if found.why:
        return _two_phase(trials, weak, level, (f"a random sample, taken by strata: {found.why}",))
    by_strata, rate = two_phase(_strata(trials), level=level), Estimate(found.rate, found.low, found.high)
    return _judged("ppi", rate, by_strata, trials.height, weak, level, (), ())


def _weighted(trials: pl.DataFrame, weak: float, level: float) -> ByMethod:
    """Prediction-powered with weights, the inverse of the probability of each label.

    What facts alone decided is known: it stands as a label of its own, chosen for certain.
    """
    human = pl.when(~pl.col("human_trained_on")).then(pl.col("human_label"))
    label = pl.when(pl.col("asked")).then(human).otherwise(pl.col("judged"))
    chance = pl.when(pl.col("asked")).then(pl.col("human_probability")).otherwise(1.0)
    table = trials.with_columns(label=label, chance=chance)
    found = ppi_rate(
        table["judged"].cast(pl.Float64).to_numpy(), table["label"].to_list(), table["chance"].to_list(), level=level
    )
    rate, seen = Estimate(found.rate, found.low, found.high), table.filter("asked").drop_nulls("label")
    errors = TwoPhase(trials.height, seen.height, rate, _share(seen, True, level), _share(seen, False, level))
    told = ("trials that the judge reads alike were chosen with unequal probabilities: weighted", *_unlabelled(trials))
    return _judged("ppi", rate, errors, trials.height, weak, level, (found.why,) if found.why else (), told)


def _judged(
    method: str,
    rate: Estimate,
    errors: TwoPhase,
    n: int,
    weak: float,
    level: float,
    amiss: tuple[str, ...],
    told: tuple[str, ...],
) -> ByMethod:
    perfect = width_if_perfect(rate.rate or 0.0, n, level)
    amiss = (*amiss, *too_wide(rate.width, perfect, weak))
    return ByMethod(method, rate, errors.sensitivity, errors.specificity, perfect, amiss, told)


def _strata(trials: pl.DataFrame, again: bool = False) -> list[Stratum]:
    """One stratum a reading of the judge (tried and succeeded both, since either may have had a trial labelled).

    Trials that it was trained on, and those that facts alone decided, are strata of their own, of which all is known. So are,
    judged `again`, those that were labelled for what the reading before had called them.
    """
    chosen = pl.lit(again) & pl.col("human_why_chosen").eq_missing("positive")
    human = pl.col("human_label")
    trained = pl.col("asked") & pl.col("human_trained_on").fill_null(False) & human.is_not_null()
    label = pl.when(pl.col("asked")).then(human).otherwise(pl.col("judged"))
    rows = trials.group_by("judged", "tried", "positive", (pl.col("asked") & ~trained).alias("informs"), "asked", chosen.alias("chosen")).agg(
        pl.len().alias("n"), label.count().alias("labelled"), label.sum().cast(pl.Int64).alias("true")
    ).sort("judged", "tried", "positive", "informs", "asked", "chosen")  # fmt: skip
    return [Stratum(r["judged"], r["n"], r["labelled"], r["true"], r["informs"]) for r in rows.iter_rows(named=True)]


def _unseen(strata: list[Stratum]) -> tuple[str, ...]:
    """Say where nothing was labelled of what the judge called negative, or positive."""
    words = {False: "no trial that the judge called negative was labelled: what it missed is not known",
             True: "no trial that the judge called positive was labelled"}  # fmt: skip
    of = {judged: [s for s in strata if s.judged is judged and s.informs] for judged in words}
    return tuple(words[j] for j, part in of.items() if sum(s.n for s in part) and not sum(s.labelled for s in part))


def _unlabelled(trials: pl.DataFrame) -> tuple[str, ...]:
    """Say how many judged positives lack a label, which the protocol gives to each."""
    positive = trials.filter("asked", "judged")
    lacking = positive["human_label"].null_count()
    return (f"{lacking} of {positive.height} judged positives have no label",) if lacking else ()


def _share(seen: pl.DataFrame, positive: bool, level: float) -> Estimate | None:
    """Return sensitivity or specificity from weighted labels, with the interval of their effective number (Kish 1965, 11.7)."""
    of = seen.filter(pl.col("label") == positive)
    weight, right = 1 / of["human_probability"].to_numpy(), (of["judged"] == positive).to_numpy()
    if not weight.size:
        return None
    size, share = float(weight.sum() ** 2 / (weight**2).sum()), float(np.average(right, weights=weight))
    found = interval(round(share * round(size)), round(size), level)
    return Estimate(share, found.low or 0.0, 1.0 if found.high is None else found.high)
