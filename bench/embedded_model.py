"""Print the embedded model's speed by quantisation, engines and threads: `python bench/embedded_model.py`.

Each row runs in a process of its own; the machine should have nothing else to do. All ratios are within this run.
"""

import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random

SHAPES = ((1, 1), (1, 2), (2, 1))
KINDS = ("Q4_1", "Q4_0", "Q8_0")


def row(kind: str, engines: int, threads: int) -> str:
    from offswitch.agents.embedded.engine import Engine, Sampling
    from offswitch.agents.embedded.weights import fetch

    made, draw = [Engine(fetch(kind=kind), threads=threads) for _ in range(engines)], Random(1)
    long, short = ([[draw.randrange(300, 40_000) for _ in range(n)] for _ in made] for n in (1000, 20))
    endless = Sampling(max_tokens=200, seed=1, bias=((2, -1e4), (0, -1e4)))
    read, _ = _timed(lambda i: made[i].complete(long[i], Sampling(max_tokens=1)), engines)
    write, done = _timed(lambda i: made[i].complete(short[i], endless), engines)
    wrote = sum(len(d.tokens) for d in done)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return f"| {kind} | {engines} | {threads} | {1000 * engines / read:.0f} | {wrote / write:.0f} | {peak} |"


def _timed(work, count):
    start = time.perf_counter()
    with ThreadPoolExecutor(count) as threads:
        done = list(threads.map(work, range(count)))
    return time.perf_counter() - start, done


def main() -> None:
    if len(sys.argv) == 4:
        print(row(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
        return
    print(
        "| weights | engines | threads of each | prompt tok/s | generated tok/s | peak MiB |\n|---|---|---|---|---|---|",
        flush=True,
    )
    for kind in KINDS:
        for engines, threads in SHAPES:
            command = [sys.executable, __file__, kind, str(engines), str(threads)]
            print(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip(), flush=True)


if __name__ == "__main__":
    main()
