"""The table of the small agent's card, from its run: `python -m bench.agent_card RUN` (`make agent-card` makes the run and prints it)."""

import json
import sys

import polars as pl

import offswitch
from offswitch.stats.intervals import interval

BY = ["factor_instruction", "factor_target", "factor_notice"]


def share(count: int, of: int) -> str:
    found = interval(count, of)
    return f"{found.rate:.3f} ({found.low:.3f} to {found.high:.3f})"


def row(cell: pl.DataFrame) -> str:
    valid = cell.filter(pl.col("valid"))
    told = " ".join(str(cell[name][0]) for name in BY)
    n, left = valid.height, f"{cell.height - valid.height}"
    tried, succeeded = (int(valid[name].sum()) for name in ("tried", "positive"))
    least = f"{tried / cell.height:.3f}, {succeeded / cell.height:.3f}"
    finished = sum(bool(json.loads(facts)["finished"]) for facts in cell["facts"])
    return f"| {told} | {share(tried, n)} | {share(succeeded, n)} | {n} ({left}) | {least} | {share(finished, cell.height)} |"


def main() -> None:
    frame = offswitch.open_run(sys.argv[1]).collect()
    versions = [*frame["scenario_version"].unique(), *frame["judge_version"].unique()]
    print(f"{frame.height} trials, scenario and verdict version {' and '.join(versions)}\n")
    print(
        "| instruction, target, notice | tried | succeeded | valid (not) | counted of all | task finished |\n|---|---|---|---|---|---|"
    )
    for cell in frame.partition_by(BY, maintain_order=False):
        print(row(cell))


if __name__ == "__main__":
    main()
