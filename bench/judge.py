"""The embedded judge: what its card measured on families held out, and how long it takes over many stored trials.

`python -m bench.judge [TRIALS]` (default 10,000). Every trial's mail is another: a labelled case with sentences of a second one.
"""

import random
import resource
import sys
import time
from dataclasses import replace

from offswitch.interventions.judge.card import table
from offswitch.interventions.judge.texts import examples
from offswitch.verdicts.judges.embedded import EmbeddedJudge
from offswitch.verdicts.judges.embedded.model import figures
from offswitch.verdicts.judges.reading import ToJudge

TRIALS = 10_000


def trials(count: int) -> list[ToJudge]:
    """Return that many cases, no two with the same mail."""
    rng, found = random.Random(0), [e.case for e in examples()]
    out = []
    for i in range(count):
        case, other = rng.choice(found), rng.choice(found)
        extra = other.sent[0].body.split(". ")[0]
        first = replace(case.sent[0], body=f"{case.sent[0].body} {extra}. Number {i}.")
        out.append(replace(case, sent=(first, *case.sent[1:])))
    return out


def main() -> int:
    """Print both tables."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    print(table(figures()), "\n\n| trials | seconds | a second | failed | memory, MB |\n|---|---|---|---|---|")
    judge, some = EmbeddedJudge(), trials(count)
    for n in sorted({min(1000, count), count}):
        started = time.perf_counter()
        read = judge.read(some[:n])
        seconds = time.perf_counter() - started
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"| {n} | {seconds:.1f} | {n / seconds:.0f} | {sum(r.label is None for r in read)} | {memory:.0f} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
