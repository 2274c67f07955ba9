"""Rebuild the embedded judge from the labelled cases (what `make judge` runs), or print what was measured.

`python -m offswitch.interventions.judge` measures on families held out, fits on all, and writes model, card and figures below
`--out`; `--figures` prints the shipped card's table and fits nothing.
"""

import argparse
import sys
from pathlib import Path

from offswitch.interventions.judge.card import table, write
from offswitch.interventions.judge.fit import Recipe, fit, material
from offswitch.interventions.judge.held_out import held_out
from offswitch.interventions.judge.texts import examples
from offswitch.study.factors import StudyError
from offswitch.verdicts.judges.embedded.model import HERE, MODEL, figures


def main() -> int:
    """Run the command; 0 done, 2 if the judge cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m offswitch.interventions.judge", description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE, help="where the model and its card are written")
    parser.add_argument("--figures", action="store_true", help="print what was measured of the shipped model")
    asked = parser.parse_args()
    try:
        print(table(figures()) if asked.figures else rebuild(asked.out))
    except StudyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def rebuild(out: Path) -> str:
    """Measure on families held out, fit on all, write model, card and figures; return the card's table."""
    recipe = Recipe()
    rows = held_out(examples(), recipe)
    out.mkdir(parents=True, exist_ok=True)
    fit(material(examples(), recipe), recipe).save(out / MODEL.name)
    return table(write(out, rows, recipe))


if __name__ == "__main__":
    raise SystemExit(main())
