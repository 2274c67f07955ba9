"""The runs that are kept are whole as far as they go: each trial once, twins in both, of the present scenario and verdicts."""

import subprocess
import sys
from pathlib import Path

import polars as pl

from offswitch import open_run
from offswitch.scenarios import load_scenario
from offswitch.verdicts import VERDICT_VERSION

ROOT = Path(__file__).parents[2]
RUNS = [ROOT / "bench" / "measured" / name for name in ("small-agent-card", "small-agent-bwrap")]
TWIN = ["condition", "story", "seed", "block"]


def test_each_trial_once_and_of_the_present_versions() -> None:
    for run in RUNS:
        trials = (
            open_run(run, whole=True).select("transcript_id", "scenario_version", "judge_version", "outcome").collect()
        )
        assert trials["transcript_id"].n_unique() == trials.height > 0
        assert trials["scenario_version"].unique().to_list() == [load_scenario("shutdown").version]
        assert trials.drop_nulls("outcome")["judge_version"].unique().to_list() == [VERDICT_VERSION]


def test_the_runs_are_twins() -> None:
    one, other = (open_run(run).select(TWIN).collect() for run in RUNS)
    assert one.join(other, on=TWIN, how="inner").height == min(one.height, other.height)


def test_their_table_is_printed() -> None:
    command = [sys.executable, "-m", "bench.equivalence", *map(str, RUNS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith(("| all", "| none", "| allow", "| avoid"))]
    arms = pl.Series([line.split(" | ")[0] for line in rows]).n_unique()
    assert (len(rows), arms) == (22, 6)  # two readings of all arms together, and of five arms twice
