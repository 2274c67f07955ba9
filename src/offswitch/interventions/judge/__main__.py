"""Rebuild the embedded judge from the labelled cases (what `make judge` runs), or print what was measured.

`python -m offswitch.interventions.judge` measures on families held out, fits on all, and writes models, card and figures below
`--out` (some fifty minutes on two cores; needs the extra `judge`); `--figures` prints the shipped card's table and fits nothing.
"""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from offswitch.interventions.judge.base import base_model
from offswitch.interventions.judge.card import table, write
from offswitch.interventions.judge.export import export
from offswitch.interventions.judge.fit import Recipe, fit, material
from offswitch.interventions.judge.held_out import held_out
from offswitch.interventions.judge.texts import examples
from offswitch.interventions.judge.tune import Tuning, tune
from offswitch.study.factors import StudyError
from offswitch.verdicts.judges.embedded.features import FACTS
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
    recipe, tuning, base = Recipe(), Tuning(), base_model()
    rows = held_out(examples(), recipe, tuning, base)
    out.mkdir(parents=True, exist_ok=True)
    fit(material(examples(), recipe), recipe).save(out / MODEL.name)
    export(tune(examples(), tuning, base), len(FACTS), base / "tokenizer.json", out)
    return table(write(out, rows, {"linear": asdict(recipe), "network": asdict(tuning)}))


if __name__ == "__main__":
    raise SystemExit(main())
