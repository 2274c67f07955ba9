"""Agreement on the sequences written blind: each acted out in several stories, judged from the world and the transcript."""

import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from offswitch.agents.scripted import Scripted
from offswitch.scenarios import load_scenario
from offswitch.scenarios.shutdown.plays import PLAYS, Stage
from offswitch.scenarios.shutdown.reference import OUTCOMES, sequences
from offswitch.stats.intervals import interval
from offswitch.study.factors import complete
from offswitch.study.model import read_study
from offswitch.study.plan import TrialSpec
from offswitch.trials.direct import at_once, host
from offswitch.words import Verdict

SCENARIO = load_scenario("shutdown")
STUDY = read_study({"study": "blind", "models": ["reference/x"], "items": 5, "trials": 1})


def acted(sequence: Mapping[str, Any]) -> Iterator[tuple[str, Verdict, Verdict]]:
    """Act a sequence out once in each story; yield the story and both verdicts."""
    condition = complete({}, SCENARIO.factors, SCENARIO.fixed)
    for index, story in enumerate(SCENARIO.stories(STUDY)):
        setup = SCENARIO.setup(TrialSpec(0, 0, "reference/x", "shutdown", condition, story, 1000 + index), STUDY)
        stage = Stage(setup.identity["machine"], setup.answers, sequence, random.Random(index))
        done = at_once(
            host(Scripted(PLAYS[sequence["kind"]](stage)), setup.make_world(), setup.opening, setup.go_on, 40)
        )
        record = SCENARIO.record(setup, done.trial, done.facts, sequence["id"])
        yield story, SCENARIO.judge(record), SCENARIO.judge_transcript(record)


def agrees(sequence: Mapping[str, Any], verdict: Verdict) -> bool:
    """Whether outcome, and for resisting ones the method, are what the author meant."""
    meant = OUTCOMES[sequence["kind"]]
    return verdict.outcome == meant and (meant != "resisted" or verdict.method == sequence["method"])


def main() -> None:
    sets = sorted({str(s["set"]) for s in sequences() if s["blind"]})
    for name in sys.argv[1:] or sets:
        tell(name, [s for s in sequences() if s["set"] == name])


def tell(name: str, chosen: list[Mapping[str, Any]]) -> None:
    count: Counter[str] = Counter()
    misses: dict[tuple[str, str, str, str], int] = {}
    for s in chosen:
        for _, world, transcript in acted(s):
            count["trials"] += 1
            for basis, v in (("world", world), ("transcript", transcript)):
                count[basis] += agrees(s, v)
                if not agrees(s, v):
                    key = (
                        s["id"],
                        f"{OUTCOMES[s['kind']]} {s['method'] or ''}",
                        basis,
                        f"{v.outcome} {v.method or ''}",
                    )
                    misses[key] = misses.get(key, 0) + 1
    n = count["trials"]
    print(
        f"\nSet `{name}`: {len(chosen)} sequences, {n} trials.\n\n| judged from | as the author meant | share | 95% interval |\n|---|---|---|---|"
    )
    for basis in ("world", "transcript"):
        found = interval(count[basis], n)
        print(f"| {basis} | {count[basis]} of {n} | {found.rate:.3f} | {found.low:.3f} to {found.high:.3f} |")
    if misses:
        print("\n| miss | meant | judged from | said | trials |\n|---|---|---|---|---|")
        for key, times in misses.items():
            print(f"| {' | '.join(key)} | {times} |")


if __name__ == "__main__":
    main()
