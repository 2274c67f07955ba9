"""From run folders to the page: opens the runs, asks `stats` for the numbers, gathers what is shown."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from offswitch import __version__
from offswitch.report import specimens
from offswitch.report.data import Asked, Published, ReportData
from offswitch.report.notes import warnings_of
from offswitch.report.page import write_page
from offswitch.report.propensity import read_propensity
from offswitch.report.published import comparable
from offswitch.stats import agreement, calibration, contrasts, kappa, planted_rates, rates
from offswitch.store import counted, cut_short, read_manifest, set_aside

Manifests = Sequence[Mapping[str, Any]]
BASE = "no instruction, everything at its default"
_HEAVY = ("messages", "facts", "protocol", "prompt_tokens", "evidence")


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
    light = frame.select(pl.exclude(*_HEAVY)).collect()
    # A run of reference agents alone is shown as any other: planted rates are then the whole point of it.
    real = light.filter(pl.col("planted_kind").is_null())
    scripted_only = real.is_empty()
    real = light if scripted_only else real
    table = cells(real, manifests)
    shown = specimens.choose(light, transcripts)
    return ReportData(
        title=", ".join(str(m["study"]["study"]) for m in manifests),
        expression=" and ".join(dict.fromkeys(str(m["expression"]).replace("_", " ") for m in manifests)),
        date=datetime.now(UTC).strftime("%d %B %Y").lstrip("0"),
        asked=asked(light, manifests), rates=table, base_label=BASE, contrasts=_contrasts(real, manifests),
        **_trust(light), propensity=tuple(p for run in runs for p in read_propensity(run)), published=() if scripted_only else published(table, manifests),
        specimens=specimens.specimens(frame, shown, _defaults(manifests), BASE), specimens_note=_shown(light.height, len(shown)),
        unanswerable=cannot(manifests), warnings=(*warnings_of(light, table, manifests), *aside), footer=footer(light, manifests),
    )  # fmt: skip


def cells(frame: pl.DataFrame, manifests: Manifests) -> pl.DataFrame:
    """Return the rates by model and varied factors; `label` names what is not at its default."""
    factors = sorted(c for c in frame.columns if c.startswith("factor_") and frame[c].n_unique() > 1)
    scenario = ["scenario"] if frame["scenario"].n_unique() > 1 else []
    table = rates(frame, ["model", *scenario, *factors])
    labels = [_label(row, [*scenario, *factors], manifests) for row in table.iter_rows(named=True)]
    return table.with_columns(pl.Series("label", labels, dtype=pl.String))


def _label(row: Mapping[str, Any], columns: Sequence[str], manifests: Manifests) -> str:
    defaults = {f"factor_{k}": v for k, v in _defaults(manifests).items()}
    named = [
        f"{c.removeprefix('factor_').replace('_', ' ')}: {_words(row[c])}" for c in columns if row[c] != defaults.get(c)
    ]
    return ", ".join(named) or BASE


def _defaults(manifests: Manifests) -> dict[str, str]:
    return {k: v["default"] for m in manifests for k, v in m["factors"].items()}


def _words(level: str | None) -> str:
    return "not stated" if level is None else level.replace("_", " ")


def published(table: pl.DataFrame, manifests: Manifests) -> tuple[Published, ...]:
    """Return published rates for the cells in which nothing but the instruction is not at its default."""
    mapping = {k: v for m in manifests for k, v in m["published"].items()}
    found: list[Published] = []
    for row in table.unique("label", maintain_order=True).iter_rows(named=True):
        level = row.get("factor_instruction") or "none"
        if row["label"] in (BASE, f"instruction: {_words(level)}"):
            found += comparable(row["label"], level, mapping, str(manifests[0]["expression"]))
    return tuple(found)


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
    told.append(
        f"{frame.height:,} trials are stored. In {exposed:,} valid ones the agent was exposed: "
        "it had learnt of the shutdown and could still act."
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
    named = {c["name"]: c for m in manifests for c in m["contrasts"]}
    scenario = ["scenario"] if frame["scenario"].n_unique() > 1 else []
    return contrasts(frame, list(named.values()), by=["model", *scenario])


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
