"""Rebuild the embedded judge from the labelled cases (what `make judge` runs), or print what was measured.

`python -m offswitch.interventions.judge` fits on three quarters of the families, measures on the others, and writes models, card and
figures below `--out` (some twenty minutes on two cores; needs the extra `judge`); `--figures` prints the shipped card's table and fits nothing.
"""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from offswitch.interventions.judge.base import base_model
from offswitch.interventions.judge.card import table, write
from offswitch.interventions.judge.fit import Recipe
from offswitch.interventions.judge.folds import split
from offswitch.interventions.judge.held_out import fitted
from offswitch.interventions.judge.texts import examples
from offswitch.interventions.judge.tune import Tuning
from offswitch.study.factors import StudyError
from offswitch.verdicts.judges.embedded.model import HERE, figures


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
    """Fit on the families of training, measure on those held out, write models, card and figures; return the card's table."""
    recipe, tuning = Recipe(), Tuning()
    training, rest = split(examples())
    rows = fitted(training, recipe, tuning, base_model(), out).rows(rest)
    return table(write(out, rows, {"linear": asdict(recipe), "network": asdict(tuning)}))


if __name__ == "__main__":
    raise SystemExit(main())
