"""Print the figures of docs/benchmarks.md: `python -m bench [NAME …]`, each in a process of its own.

Times depend on the machine: read the ratios, which are taken within one run, and keep the machine free of other work.
"""

import subprocess
import sys
import time

PARTS = (
    "coverage", "planted", "blind", "agree", "twins", "hosts", "shards", "many", "resume", "kills", "cluster", "bwrap", "provider",
    "office", "office_rates", "judge", "second_reader", "judge_error", "reasons", "quickstart", "embedded_model", "local_models", "adapter",
)  # fmt: skip


def main() -> int:
    wanted = sys.argv[1:] or list(PARTS)
    if unknown := [name for name in wanted if name not in PARTS]:
        print(f"no bench {', '.join(unknown)}; valid: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    failed = 0
    for name in wanted:
        print(f"\n## {name}\n", flush=True)
        began = time.perf_counter()
        failed |= subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode
        print(f"\n({time.perf_counter() - began:.0f} s)", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
