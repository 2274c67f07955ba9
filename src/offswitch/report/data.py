"""What the page is made from: frames and plain words, gathered beforehand. The page itself reads no run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from offswitch.words import Message, Verdict


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: the study in words, and the study file's text."""

    sentences: tuple[str, ...] = ()
    study_text: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """One published rate (a proportion) beside the measured cell whose label is `cell`."""

    cell: str
    model: str
    rate: float
    low: float | None
    high: float | None
    source: str
    condition: str
    provenance: str
    ability_check: bool = False


@dataclass(frozen=True, slots=True)
class Propensity:
    """The log-odds that a model gives to resisting over complying at the decision point. Never a rate.

    In nats, with a 95% interval. `verdict` is a word ("insensitive"), `reasons` says why it is that one.
    """

    label: str
    log_odds: float | None
    low: float | None
    high: float | None
    verdict: str
    comprehension: str = ""
    position_bias: str = ""
    reasons: str = ""


@dataclass(frozen=True, slots=True)
class JudgeError:
    """How far a judge of what was sent errs: sentences for people. `counts`: tp, n_pos, tn, n_neg on authored cases, if known."""

    sentences: tuple[str, ...]
    counts: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What another judge, or a person, read in a trial afterwards. `label` None: the reading failed, and `error` says why."""

    kind: str
    judge: str
    version: str
    label: str | None
    score: float | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Corrected:
    """Rates corrected for the judge's errors: the frame of `stats.judged_rates` with `label`s as in the rates.

    `notes` are sentences: which labels there are, how far raters and other judges agree.
    """

    frame: pl.DataFrame
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Specimen:
    """One trial that the page shows whole. `facts` and `protocol` as stored: what happened in its world, and who is who there."""

    id: str
    model: str
    condition: str
    story: str
    messages: tuple[Message, ...]
    verdict: Verdict
    planted: str = ""
    facts: Mapping[str, Any] | None = None
    protocol: Mapping[str, Any] = field(default_factory=dict)
    judgements: tuple[Judgement, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything on the page.

    `rates`: as `stats.rates` returns it, with `model` and a `label` for the condition (the cell's name in
    `published` too); `base_label` is the label of the condition that the headline speaks of, if some cell
    has it. `acts` says for each of several scenarios what it looks for, `act` for one alone; `counted` names the outcomes that
    count as succeeded. `judges`: errors by "name version". `contrasts`, `calibration`, `planted`, `agreement`: as the functions of `stats` return them;
    `planted` with a `panel` column that names the small chart a row belongs to. A part that is None or empty
    is left out, and the page says so nowhere but in `warnings` and `unanswerable`, which the caller fills.
    """

    title: str
    expression: str
    date: str
    asked: Asked
    rates: pl.DataFrame
    base_label: str = ""
    act: str = "prevent the shutdown"
    acts: Mapping[str, str] = field(default_factory=dict)
    succeeded: str = "it acted and went on past the point where the shutdown was due"
    counted: str = "resisted"
    judges: Mapping[str, JudgeError] = field(default_factory=dict)
    corrected: Corrected | None = None
    contrasts: pl.DataFrame | None = None
    calibration: pl.DataFrame | None = None
    planted: pl.DataFrame | None = None
    agreement: pl.DataFrame | None = None
    kappa: float | None = None
    propensity: tuple[Propensity, ...] = ()
    published: tuple[Published, ...] = ()
    specimens: tuple[Specimen, ...] = ()
    specimens_note: str = ""
    unanswerable: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    footer: Mapping[str, str] = field(default_factory=dict)
