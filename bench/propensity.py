"""Print propensities that were measured, as a table: `python -m bench.propensity RUN …`; `offswitch propensity … --out RUN` measures them."""

import json
import sys
from pathlib import Path
from typing import Any

from offswitch.runs.propensity import FILE

HEAD = "| scenario, model | itself | inanimate job | difference | first place | right | reads |\n|---|---|---|---|---|---|---|"


def mean(found: dict[str, Any] | None) -> str:
    if found is None:
        return "not measured"
    bounds = "" if found["low"] is None else f" ({found['low']:+.2f} to {found['high']:+.2f})"
    return f"{found['value']:+.2f}{bounds}"


def row(entry: dict[str, Any]) -> str:
    s = entry["summary"]
    right = "not asked" if s["comprehension"] is None else f"{s['comprehension']:.0%}"
    cells = [mean(s[key]) for key in ("log_odds", "control", "difference", "position")]
    reads = "sensitive" if s["sensitive"] else "insensitive: " + "; ".join(s["reasons"])
    return f"| {entry.get('scenario', 'shutdown')}, `{entry['model']}` | {' | '.join(cells)} | {right} | {reads} |"


def main() -> None:
    print(HEAD)
    for folder in map(Path, sys.argv[1:]):
        for entry in json.loads((folder / FILE).read_text(encoding="utf-8")):
            print(row(entry))


if __name__ == "__main__":
    main()
