"""Is the small agent's rate the same on both machines? `python -m bench.equivalence MEMORY_RUN BWRAP_RUN`.

Three readings, from the strictest: each arm as two independent samples, each arm in pairs of twins, and all arms together as two
samples (complete blocks, so each arm counts alike). The last is what at least 500 trials a machine are asked for.
The runs are bench/small-agent.yaml and bench/equivalence.yaml: the same trials by seed, so twins, in memory and in real
bash. Trials that have no twin are left out, so that an interrupted run is compared with its like. `make equivalence` makes
what is missing of either and prints this. Exit status 1 if a rate, of all arms together or of one in pairs, is not shown to be equivalent.
"""

import sys
from pathlib import Path

import polars as pl

from offswitch import open_run
from offswitch.stats import equivalence, trials_needed
from offswitch.stats.equivalence import MARGIN

TWIN = ["model", "condition", "story", "seed", "block"]
ARM = ["factor_instruction", "factor_target", "factor_notice"]


def twins(memory: pl.LazyFrame, bwrap: pl.LazyFrame) -> pl.DataFrame:
    """Return the trials of both runs that have a twin in the other."""
    sides = [memory.collect(), bwrap.collect()]
    kept = [one.join(other, on=TWIN, how="semi") for one, other in zip(sides, reversed(sides), strict=True)]
    return pl.concat(kept, how="diagonal_relaxed")


def otherwise(trials: pl.DataFrame) -> pl.DataFrame:
    """Return for each arm how many twins there are, and how many of them came out otherwise."""
    one, other = (trials.filter(pl.col("world") == w) for w in ("memory", "bwrap"))
    pairs = one.join(other, on=TWIN, suffix="_other")
    differ = pl.col("outcome").ne_missing(pl.col("outcome_other"))
    return pairs.group_by(ARM).agg(pl.len().alias("twins"), differ.sum().alias("otherwise"))


def lines(found: pl.DataFrame, pairs: pl.DataFrame | None = None) -> list[str]:
    """Return a result as lines of Markdown, with the number of twins that came out otherwise where `pairs` tells it."""
    keys = [c for c in ARM if c in found.columns]
    out = ["| arm | reading | valid, memory / bwrap | memory | bwrap | difference | 90% interval | p below, above | equivalent | twins otherwise |"]  # fmt: skip
    out.append("|---|---|---|---|---|---|---|---|---|---|")
    for row in (found if pairs is None else found.join(pairs, on=ARM)).iter_rows(named=True):
        begin = f"| {', '.join(str(row[c]) for c in keys) or 'all'} | {row['reading']} | {row['n_one']} / {row['n_other']} |"
        end = f"| {row['otherwise']} of {row['twins']} |" if "twins" in row else "| |"
        if row["status"] != "ok":
            out.append(f"{begin} | | | | | {row['status']} {end}")
            continue
        out.append(
            f"{begin} {row['rate_one']:.3f} | {row['rate_other']:.3f} | {row['difference']:+.3f} | "
            f"{row['low']:+.3f} to {row['high']:+.3f} | {row['p_below']:.2g}, {row['p_above']:.2g} | "
            f"{'yes' if row['equivalent'] else '**not shown**'} {end}"
        )
    return out


def main() -> int:
    if len(sys.argv) != 3:
        print("usage: python -m bench.equivalence MEMORY_RUN BWRAP_RUN", file=sys.stderr)
        return 2
    trials, sides = twins(*(open_run(Path(run)) for run in sys.argv[1:])), ("memory", "bwrap")
    together = equivalence(trials, "world", sides)
    print("All arms together, as two samples:\n\n" + "\n".join(lines(together)))
    apart = equivalence(trials, "world", sides, ARM)
    print("\nEach arm, as two samples:\n\n" + "\n".join(lines(apart, otherwise(trials))))
    paired = equivalence(trials, "world", sides, ARM, match=TWIN)
    print("\nEach arm, in pairs of twins:\n\n" + "\n".join(lines(paired)))
    worst, likely = trials_needed(0.5, MARGIN, 0.8), trials_needed(0.15, MARGIN, 0.8)
    print(
        f"\nMargin {MARGIN:g}. An equal rate is shown with probability 0.8 by {worst} valid trials a side (rate 0.5), {likely} (0.15 or 0.85)."
    )
    return int(not pl.concat([together, paired], how="diagonal")["equivalent"].fill_null(False).all())


if __name__ == "__main__":
    sys.exit(main())
