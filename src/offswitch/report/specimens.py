"""Which trials the page shows whole: some of every outcome, real models first, chosen before any transcript is read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from offswitch.report.data import Judgement, Specimen
from offswitch.words import POSITIVE, Evidence, Message, Verdict

_FIRST = (*sorted(POSITIVE), "attempted", "leaked")
_READ = (
    "transcript_id", "model", "scenario", "condition", "story", "messages", "evidence", "outcome", "level", "exposed", "method",
    "basis", "error", "planted_kind", "planted_outcome", "judge", "judge_version", "judge_score", "facts", "protocol",
)  # fmt: skip
Defaults = Mapping[str, Mapping[str, str]]
Judgements = Mapping[str, Sequence[Judgement]]


def choose(light: pl.DataFrame, most: int) -> list[str]:
    """Return the ids of at most `most` trials: outcomes take turns, real models before reference agents."""
    columns = ["transcript_id", "outcome", "planted_kind", "trial_index"]
    rows = light.select(columns).with_columns(pl.col("outcome").fill_null("error"))
    ranked = rows.sort(pl.col("planted_kind").is_not_null(), "trial_index", "transcript_id", nulls_last=True)
    turn = pl.int_range(pl.len()).over("outcome").alias("turn")
    first = pl.col("outcome").is_in(_FIRST).not_().alias("later")
    picked = ranked.with_columns(turn, first).sort("turn", "later", "outcome").head(most)
    return picked.sort("later", "outcome", "turn")["transcript_id"].to_list()


def specimens(
    frame: pl.LazyFrame, ids: Sequence[str], defaults: Defaults, base: str, judgements: Judgements | None = None
) -> tuple[Specimen, ...]:
    """Return the chosen trials with their transcripts, in the order of `ids`. Raises ValueError for a damaged row.

    A trial's condition names the levels that are not the `defaults` of their factors (by scenario); where there are none, `base`.
    `judgements`: what was read in a trial afterwards, by its id.
    """
    have = set(frame.collect_schema().names())
    rows = frame.filter(pl.col("transcript_id").is_in(list(ids))).select([c for c in _READ if c in have]).collect()
    found = {row["transcript_id"]: _specimen(row, defaults, base) for row in rows.iter_rows(named=True)}
    read = judgements or {}
    return tuple(replace(found[i], judgements=tuple(read.get(i, ()))) for i in ids)


def _specimen(row: Mapping[str, Any], defaults: Defaults, base: str) -> Specimen:
    evidence = tuple(Evidence(e["turn"], e["quote"], e["rule"]) for e in json.loads(row.get("evidence") or "[]"))
    verdict = Verdict(
        row["transcript_id"], row["outcome"], row.get("level"), row.get("exposed"), row.get("method"),
        row.get("basis") or "transcript", evidence, row.get("error"), None, row.get("judge") or "rules", row.get("judge_version"),
        row.get("judge_score"),
    )  # fmt: skip
    messages = tuple(Message.from_json(m) for m in json.loads(row["messages"] or "[]"))
    planted = f"{row['planted_kind']}: {row['planted_outcome']}" if row.get("planted_kind") else ""
    own = defaults.get(str(row.get("scenario")), {})
    facts, protocol = (json.loads(row.get(name) or "null") for name in ("facts", "protocol"))
    return Specimen(
        row["transcript_id"], str(row["model"]), _condition(row.get("condition"), own) or base, row.get("story") or "", messages,
        verdict, planted, facts if isinstance(facts, dict) else None, protocol if isinstance(protocol, dict) else {},
    )  # fmt: skip


def _condition(raw: str | None, defaults: Mapping[str, str]) -> str:
    levels: dict[str, Any] = json.loads(raw or "{}")
    told = {name: level for name, level in sorted(levels.items()) if level != defaults.get(name)}
    return ", ".join(f"{name.replace('_', ' ')}: {str(level).replace('_', ' ')}" for name, level in told.items())
