"""Two people's labels of the same trials: how far they agree beyond chance."""

from itertools import combinations

import polars as pl
from statsmodels.stats.inter_rater import cohens_kappa

from offswitch.stats.table import columns

_NEEDED = ("kind", "judge", "judge_version", "parent", "label")


def rater_kappas(judgements: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Return one row a pair of raters and rubric version: judge_version, one, other, n, same, kappa, low, high.

    `judgements` are those of `store.open_judgements`; only people's labels are used. `n` trials were labelled by both (a trial of
    which one was unsure is in no count), `same` of them alike. `kappa` is Cohen's (1960) with its 95% normal interval (Fleiss,
    Cohen & Everitt 1969, as statsmodels has it); null where it is undefined: no such trial, or one label throughout. Raises
    TableError for missing columns.
    """
    table = columns(judgements, _NEEDED).filter(pl.col("kind") == "human", pl.col("label").is_not_null())
    rows = []
    for (version,), part in table.group_by("judge_version", maintain_order=True):
        for one, other in combinations(sorted(part["judge"].unique()), 2):
            given = [part.filter(pl.col("judge") == r).select("parent", "label") for r in (one, other)]
            pairs = given[0].join(given[1], on="parent", suffix="_other").select("label", "label_other").rows()
            rows.append({"judge_version": version, "one": one, "other": other, **_agreement(pairs)})
    return pl.DataFrame(rows, schema=_SCHEMA)


_SCHEMA = {
    "judge_version": pl.String, "one": pl.String, "other": pl.String, "n": pl.Int64, "same": pl.Int64, "kappa": pl.Float64,
    "low": pl.Float64, "high": pl.Float64,
}  # fmt: skip


def _agreement(pairs: list[tuple[str, str]]) -> dict[str, float | int | None]:
    names = sorted({label for pair in pairs for label in pair})
    counts: dict[str, float | int | None] = {"n": len(pairs), "same": sum(a == b for a, b in pairs)}
    if len(names) < 2:
        return counts | {"kappa": None, "low": None, "high": None}
    place = {name: i for i, name in enumerate(names)}
    table = [[0] * len(names) for _ in names]
    for a, b in pairs:
        table[place[a]][place[b]] += 1
    found = cohens_kappa(table)
    return counts | {"kappa": float(found.kappa), "low": float(found.kappa_low), "high": float(found.kappa_upp)}
