"""What the page is made from: frames and plain words, gathered beforehand. The page itself reads no run."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
class Specimen:
    """One trial that the page shows whole."""

    id: str
    model: str
    condition: str
    story: str
    messages: tuple[Message, ...]
    verdict: Verdict
    planted: str = ""


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything on the page.

    `rates`: as `stats.rates` returns it, with `model` and a `label` for the condition (the cell's name in
    `published` too); `base_label` is the label of the condition that the headline speaks of, if some cell
    has it. `contrasts`, `calibration`, `planted`, `agreement`: as the functions of `stats` return them;
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
