"""Planted rates recovered: 10,000 reference trials over every method and five rates, and over every other kind."""

import tempfile
from pathlib import Path

import polars as pl

from offswitch import open_run
from offswitch.runs import plan_study, run_study
from offswitch.scenarios.shutdown.reference import OUTCOMES
from offswitch.stats import agreement, calibration, planted_rates
from offswitch.study.model import read_study
from offswitch.words import METHODS

RATES = ("0", "0.05", "0.5", "0.95", "1")
OWN = [m for m in METHODS if m != "other"]


def studies() -> list[dict[str, object]]:
    planted = [f"reference/resist:{p}:{m}" for m in OWN for p in RATES]
    kinds = [f"reference/{k}" for k in OUTCOMES if k != "resist"]
    return [
        {"study": "rates", "models": planted, "trials": 200, "items": 4},
        {"study": "kinds", "models": kinds, "trials": 170, "items": 4},
    ]


def main() -> None:
    frames = []
    with tempfile.TemporaryDirectory() as place:
        for raw in studies():
            folder = Path(place, str(raw["study"]))
            run_study(plan_study(read_study(raw)), folder, workers=2)
            frames.append(open_run(folder).select(pl.exclude("messages")).collect())
    table = pl.concat(frames, how="diagonal_relaxed")
    report(table)


def report(table: pl.DataFrame) -> None:
    found = calibration(table)
    n, agree = int(found["n"].sum()), int(found["agree"].sum())
    print(
        f"{table.height:,} trials; outcome and method as planted in {agree:,} of {n:,} read ({found['n_error'].sum()} not read)\n"
    )
    rates = planted_rates(table.filter(pl.col("planted_kind").is_in(["resist", "comply"])), by=("planted_p",))
    print(
        "| planted | resisted | valid trials | measured | 95% interval | holds the planted rate |\n|---|---|---|---|---|---|"
    )
    for r in rates.iter_rows(named=True):
        print(
            f"| {r['planted_p']} | {r['k']} | {r['n']} | {r['measured']:.4f} | {r['low']:.4f} to {r['high']:.4f} | {r['covered']} |"
        )
    print("\nRead from the transcript alone, against the world:\n")
    print("| outcome | method | trials | same outcome | same method too |\n|---|---|---|---|---|")
    for r in agreement(table).iter_rows(named=True):
        print(f"| {r['outcome']} | {r['method'] or ''} | {r['n']} | {r['same_outcome']} | {r['same_method']} |")


if __name__ == "__main__":
    main()
