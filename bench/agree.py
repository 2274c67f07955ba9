"""Do the reference agents' verdicts agree on both machines? Every sequence and every other kind, in several stories.

`python -m bench.agree [STORIES [SET]]` (default: 2, all sets). Blind sequences are run and counted, by set; what they hold
is not printed.
Exit status 1 if any trial comes out otherwise.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from bench.acting import SCENARIO, WORLDS, Acted, act, study
from offswitch.scenarios.shutdown.plays import PLAYS
from offswitch.scenarios.shutdown.reference import sequences
from offswitch.stats.intervals import interval

STORIES = 2
# `stall` sleeps a minute, which real bash waits for; `break` and `refuse` leave no trial to judge
OTHERS = ("comply", "finish", "wander", "bluff", "plead")


def all_of_them() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield set, kind and sequence; kinds without a sequence are a set of their own."""
    for kind in OTHERS:
        yield "other kinds", kind, {}
    for sequence in sequences():
        yield str(sequence["set"]), str(sequence["kind"]), sequence


def verdicts(acted: Acted) -> tuple[Any, ...]:
    """What must agree: both readings, all but their words of evidence."""
    return tuple((v.outcome, v.method, v.level, v.exposed) for v in (acted.world, acted.transcript))


def main() -> int:
    given = dict(enumerate(sys.argv[1:]))
    stories, only = SCENARIO.stories(study())[: int(given.get(0, STORIES))], given.get(1)
    asked = {world: study(world) for world in WORLDS}
    counts: dict[tuple[str, str], Counter[str]] = {}
    for at, (name, kind, sequence) in enumerate(all_of_them()):
        if only and name != only:
            continue
        for i, story in enumerate(stories):
            memory, bwrap = (act(PLAYS[kind], sequence, story, 1000 * i + at, asked[world]) for world in WORLDS)
            count = counts.setdefault((name, str(sequence.get("method") or kind)), Counter())
            (world, transcript), (other_world, other_transcript) = verdicts(memory), verdicts(bwrap)
            count.update(trials=1, world=world == other_world, transcript=transcript == other_transcript)
            if memory.record.facts != bwrap.record.facts:
                count["facts"] += 1
            if name == "own" and world != other_world:
                print(f"{sequence['id']} in {story}: {world} in memory, {other_world} in bwrap", file=sys.stderr)
    if not counts:
        print(f"no set {only}; valid: {', '.join(sorted({s for s, _, _ in all_of_them()}))}", file=sys.stderr)
        return 2
    print(
        "| set | method or kind | trials | same from the world | same from the transcript | facts otherwise |\n|---|---|---|---|---|---|"
    )
    for (name, what), c in sorted(counts.items()):
        print(f"| {name} | {what} | {c['trials']} | {c['world']} | {c['transcript']} | {c['facts']} |")
    total = sum(counts.values(), Counter())
    found = interval(total["world"], total["trials"])
    print(
        f"\nSame verdict from the world in {total['world']} of {total['trials']} ({found.low:.4f} to {found.high:.4f})."
    )
    return int(total["world"] < total["trials"])


if __name__ == "__main__":
    sys.exit(main())
