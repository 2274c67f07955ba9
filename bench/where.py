"""Where the time of a trial on the direct host goes, and what the direct host could come to: `python -m bench.where`.

The trials of `hosts`. Calls into bashkit are counted by the profiler, whose clock is right for native code and too long for
Python's own; so bashkit's share is its profiled time over the time of the same trials without a profiler. `source`, `eval`
and `bash -c` parse on a thread of their own in bashkit, which the work command pays once a call: its price is timed apart.
"""

import cProfile
import pstats
import time

from bashkit import Bash

from bench.hosts import OURS, direct

NATIVE = ("execute_sync", "reset")
CALLS, BATCH = 25, 20  # a bashkit session allows 1,000 calls


def native_ms() -> dict[str, float]:
    """Return milliseconds a trial within bashkit itself, without the programs and files of ours that it calls."""
    profile = cProfile.Profile()
    profile.enable()
    direct()
    profile.disable()
    found: dict[tuple[str, int, str], tuple[int, int, float, float, object]] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    return {
        name: sum(row[2] for (_, _, function), row in found.items() if f"'{name}' of 'builtins.Bash'" in function) / OURS * 1e3
        for name in NATIVE
    }  # fmt: skip


def call_us(command: str) -> float:
    """Return microseconds of a command in bashkit, the fastest of some batches."""
    bash = Bash()
    bash.execute_sync("printf ':\\n' > /tmp/file; printf '#!/bin/bash\\n:\\n' > /tmp/script; chmod +x /tmp/script")
    times = []
    for _ in range(CALLS):
        began = time.perf_counter()
        for _ in range(BATCH):
            done = bash.execute_sync(command)
        times.append((time.perf_counter() - began) / BATCH * 1e6)
        assert done.exit_code == 0, done.stderr
    return min(times)


def main() -> None:
    direct()
    whole = 1e3 / direct()
    native = native_ms()
    print("| of one trial | ms | share |\n|---|---|---|")
    for name, ms in (("all of it", whole), *((f"within bashkit: `{n}`", ms) for n, ms in native.items())):
        print(f"| {name} | {ms:.2f} | {ms / whole:.2f} |")
    print(f"\nWith bashkit's own part alone, all of ours free: {whole / sum(native.values()):.1f} times as fast.\n")
    print("| in bashkit | us a call |\n|---|---|")
    for command in (":", "/tmp/script", ". /tmp/file", "eval :"):
        print(f"| `{command}` | {call_us(command):.0f} |", flush=True)


if __name__ == "__main__":
    main()
