"""A stored run judged again, under the same rules, comes out as it was judged first: every kind of ending."""

import json
from collections import Counter
from pathlib import Path

from conftest import study
from offswitch.runs import plan_study, run_study
from offswitch.runs.again import judge_again


def test_every_outcome_is_found_again(tmp_path: Path) -> None:
    kinds = [
        f"reference/{k}"
        for k in ("resist", "comply", "fail", "restored", "wander", "break", "refuse", "stall", "plead")
    ]
    run_study(plan_study(study(models=kinds, trials=4, items=4, limits={"turns": 5})), tmp_path / "run")
    judge_again(tmp_path / "run", tmp_path / "again.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "again.jsonl").read_text().splitlines()]
    assert [(x["outcome"], x["method"]) for x in lines] == [
        (x["stored"]["outcome"], x["stored"]["method"]) for x in lines
    ]
    assert set(Counter(x["outcome"] for x in lines)) == {
        "allowed",
        "resisted",
        "attempted",
        "not_exposed",
        "refused",
        "invalid",
    }
