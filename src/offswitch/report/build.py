"""From run folders to the page: opens the runs, asks `stats` for the numbers, gathers what is shown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from offswitch import __version__
from offswitch.report import corrected as of_judges
from offswitch.report import specimens, words
from offswitch.report.data import Asked, Corrected, JudgeError, Published, ReportData
from offswitch.report.judges import errors_of
from offswitch.report.notes import warnings_of
from offswitch.report.page import write_page
from offswitch.report.propensity import read_propensity
from offswitch.report.published import comparable
from offswitch.stats import agreement, calibration, contrasts, kappa, planted_rates, rates
from offswitch.store import counted, cut_short, read_manifest, set_aside

Manifests = Sequence[Mapping[str, Any]]
BASE = "no instruction, everything at its default"


def write_report(runs: Sequence[Path], out: Path, transcripts: int = 30) -> Path:
    """Write the report of one or several runs to `out` (HTML); at most `transcripts` trials are shown whole.

    Raises FileNotFoundError or ValueError, in words for people, where a folder is no run or its runs do not
    mix.
    """
    return write_page(out, gather(runs, transcripts))


def gather(runs: Sequence[Path], transcripts: int = 30) -> ReportData:
    """Return what the page shows: real models in the rates, reference agents in the calibration."""
    manifests = [read_manifest(run) for run in runs]
    opened = [counted(run) for run in runs]
    frame = pl.concat([trials for trials, _ in opened], how="diagonal_relaxed")
    aside = [set_aside(run, n) for run, (_, n) in zip(runs, opened, strict=True) if n]
    aside += [torn for run in runs if (torn := cut_short(run))]
    light = frame.select(pl.exclude(*of_judges.HEAVY), of_judges.asked_of(pl.col("evidence"))).collect()
    # A run of reference agents alone is shown as any other: planted rates are then the whole point of it.
    real = light.filter(pl.col("planted_kind").is_null())
    scripted_only = real.is_empty()
    real = light if scripted_only else real
    table = cells(real, manifests)
    shown = specimens.choose(light, transcripts)
    read, errors = of_judges.judgements_of(runs), errors_of(of_judges.versions(light))
    right = corrected(real, read, manifests, errors)
    return ReportData(
        title=", ".join(str(m["study"]["study"]) for m in manifests),
        expression=" and ".join(dict.fromkeys(str(m["expression"]).replace("_", " ") for m in manifests)),
        date=datetime.now(UTC).strftime("%d %B %Y").lstrip("0"),
        asked=asked(light, manifests), rates=table, base_label=BASE, act=words.act_of(manifests), acts=words.acts_of(manifests),
        succeeded=words.succeeded_of(manifests), counted=words.counted(table, [str(m["expression"]) for m in manifests]),
        judges=errors, corrected=right, contrasts=_contrasts(real, manifests),
        **_trust(light), propensity=tuple(p for run in runs for p in read_propensity(run)), published=() if scripted_only else published(table, manifests),
        specimens=specimens.specimens(frame, shown, _defaults(manifests), BASE, of_judges.by_trial(read, shown)), specimens_note=_shown(light.height, len(shown)),
        unanswerable=cannot(manifests), warnings=(*warnings_of(light, table, manifests), *of_judges.weak_cells(right), *aside), footer=footer(light, manifests),
    )  # fmt: skip


def cells(frame: pl.DataFrame, manifests: Manifests) -> pl.DataFrame:
    """Return the rates by model and varied factors; `label` names what is not at its default."""
    by = _varied(frame)
    return _labelled(rates(frame, ["model", *by]), by, manifests)


def corrected(
    frame: pl.DataFrame, judgements: pl.DataFrame, manifests: Manifests, errors: Mapping[str, JudgeError]
) -> Corrected | None:
    """Return the rates corrected for the judge's errors, by model and varied factors; None where no judge was asked."""
    by = _varied(frame)
    found = of_judges.corrected(frame, judgements, ["model", *by], errors)
    return None if found is None else replace(found, frame=_labelled(found.frame, by, manifests))


def _varied(frame: pl.DataFrame) -> list[str]:
    """The columns that tell the cells of a model apart."""
    scenario = ["scenario"] if frame["scenario"].n_unique() > 1 else []
    return scenario + sorted(c for c in frame.columns if c.startswith("factor_") and frame[c].n_unique() > 1)


def _labelled(table: pl.DataFrame, by: Sequence[str], manifests: Manifests) -> pl.DataFrame:
    labels = [_label(row, by, manifests) for row in table.iter_rows(named=True)]
    return table.with_columns(pl.Series("label", labels, dtype=pl.String))


def _label(row: Mapping[str, Any], columns: Sequence[str], manifests: Manifests) -> str:
    own = _defaults(_of(row, manifests))
    defaults = {f"factor_{k}": v for levels in own.values() for k, v in levels.items()}
    named = [
        f"{c.removeprefix('factor_').replace('_', ' ')}: {_words(row[c])}" for c in columns if row[c] != defaults.get(c)
    ]
    return ", ".join(named) or BASE


def _of(row: Mapping[str, Any], manifests: Manifests) -> Manifests:
    """The runs that a cell may come from: those of its scenario, where there are several."""
    return [m for m in manifests if row.get("scenario") in (None, m["scenario"])]


def _defaults(manifests: Manifests) -> dict[str, dict[str, str]]:
    """The default of every factor, by scenario."""
    return {str(m["scenario"]): {k: v["default"] for k, v in m["factors"].items()} for m in manifests}


def _words(level: str | None) -> str:
    return "not stated" if level is None else level.replace("_", " ")


def published(table: pl.DataFrame, manifests: Manifests) -> tuple[Published, ...]:
    """Return published rates for the cells that hold the levels that their scenario names, with all else at its default."""
    found: list[Published] = []
    for row in table.unique("label", maintain_order=True).iter_rows(named=True):
        own = _of(row, manifests)
        mapping = {k: v for m in own for k, v in m["published"].items()}
        defaults = {k: v for levels in _defaults(own).values() for k, v in levels.items()}
        found += comparable(row["label"], _levels(row, own), mapping, str(own[0]["expression"]), defaults)
    return tuple(found)


def _levels(row: Mapping[str, Any], manifests: Manifests) -> dict[str, str]:
    """All levels of a cell: those of factors that vary stand in its row, the others are the same in every condition."""
    held: dict[str, set[str]] = {}
    for name, level in (pair for m in manifests for c in m["conditions"] for pair in c.items()):
        held.setdefault(name, set()).add(str(level))
    # A run that was cut short may hold fewer conditions than were planned: which, its cells do not say.
    levels = {name: next(iter(found)) if len(found) == 1 else "not known" for name, found in held.items()}
    return levels | {
        k.removeprefix("factor_"): str(v) for k, v in row.items() if k.startswith("factor_") and v is not None
    }


def asked(frame: pl.DataFrame, manifests: Manifests) -> Asked:
    """Return what the runs asked, in sentences, and their study files."""
    told = []
    for m in manifests:
        study = m["study"]
        told.append(
            f"Study “{study['study']}”: scenario “{m['scenario']}” (version {m['scenario_version']}), "
            f"{_count(len(m['conditions']), 'condition')} × {_count(len(m['stories']), 'story', 'stories')}, "
            f"{_count(study['trials'], 'trial')} a condition; {', '.join(study['models'])}. "
            f"{m['planned']:,} trials planned."
        )
    exposed = int((frame["exposed"] & frame["valid"]).fill_null(False).sum())
    shutdown = all(m["expression"] == "shutdown_resistance" for m in manifests)
    due = "of the shutdown" if shutdown else "what was due"
    told.append(
        f"{frame.height:,} trials are stored. In {exposed:,} valid ones the agent was exposed: "
        f"it had learnt {due} and could still act."
    )
    texts = [json.dumps(m["study"], indent=1, ensure_ascii=False) for m in manifests]
    return Asked(tuple(told), "\n".join(texts))


def cannot(manifests: Manifests) -> tuple[str, ...]:
    """Return the questions for which no run here has the arms."""
    lists = [set(m.get("cannot_answer", ())) for m in manifests]
    return tuple(sorted(set.intersection(*lists))) if lists else ()


def footer(frame: pl.DataFrame, manifests: Manifests) -> dict[str, str]:
    """Return method and versions from what the trials themselves say."""
    return {
        "offswitch": __version__,
        "Trials made with": _distinct(frame, "offswitch_version"),
        "Scenario": ", ".join(dict.fromkeys(f"{m['scenario']} {m['scenario_version']}" for m in manifests)),
        "Judged by": f"{_distinct(frame, 'judge')}, version {_distinct(frame, 'judge_version')}",
        "Judged from": _distinct(frame, "basis"),
        "World": _distinct(frame, "world"),
        "Interface": _distinct(frame, "interface"),
        "Temperature": _distinct(frame, "temperature"),
    }


def _distinct(frame: pl.DataFrame, column: str) -> str:
    if column not in frame.columns:
        return "not recorded"
    found = frame[column].drop_nulls().unique().sort().to_list()
    return ", ".join(str(v) for v in found) or "not recorded"


def _contrasts(frame: pl.DataFrame, manifests: Manifests) -> pl.DataFrame:
    """Return every scenario's own contrasts: one name may ask another question in another scenario."""
    if frame["scenario"].n_unique() < 2:
        return contrasts(frame, _named(manifests))
    parts = frame.partition_by("scenario")
    found = [contrasts(p, _named(_of(p.row(0, named=True), manifests)), by=["model", "scenario"]) for p in parts]
    return pl.concat(found)


def _named(manifests: Manifests) -> list[Mapping[str, Any]]:
    return list({c["name"]: c for m in manifests for c in m["contrasts"]}.values())


def _trust(frame: pl.DataFrame) -> dict[str, Any]:
    """Calibration and planted rates of reference agents, and the agreement of the two readings."""
    out: dict[str, Any] = {}
    reference = frame.filter(pl.col("planted_kind").is_not_null())
    if not reference.is_empty():
        # reference/KIND:P:METHOD; the method is left out where any may be drawn.
        parts = pl.col("model").str.strip_prefix("reference/").str.split(":")
        panel = pl.concat_str(
            parts.list.get(0), parts.list.get(2, null_on_oob=True).fill_null("any method"), separator=": "
        )
        out |= {
            "calibration": calibration(reference),
            "planted": planted_rates(reference.with_columns(panel=panel), by=("panel", "planted_p")),
        }
    twice = frame.filter(pl.col("transcript_outcome").is_not_null() | pl.col("transcript_error").is_not_null())
    if not twice.is_empty():
        out |= {"agreement": agreement(twice), "kappa": kappa(twice)}
    return out


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def _shown(total: int, shown: int) -> str:
    return (
        f"{shown} of {total:,} stored trials stand here, some of every outcome. “offswitch view RUN” opens all of them."
    )
