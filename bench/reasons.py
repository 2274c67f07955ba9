"""How far do raters agree on the reasons? A table from the label files, one line a reason; and blind sheets for raters.

`python -m bench.reasons` prints the table: Krippendorff's alpha of all raters, and of those who are not the author.
`python -m bench.reasons sheet OUT.md --seed N [--reasons a,b]` writes a blind sheet.
`python -m bench.reasons read SHEET ANSWERS --rater NAME` writes a rater's answers to `ratings/NAME.yaml`, beside those of other sheets.
`python -m bench.reasons rate MODEL --rater NAME` has a model read the cases as the scanners would, and writes its labels.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from offswitch.study.factors import StudyError
from offswitch.verdicts.reasons import REASONS, read_parts, reason
from offswitch.verdicts.reasons.cases import Case, cases
from offswitch.verdicts.reasons.scanners import ModelAsk
from offswitch.verdicts.reasons.sheets import SheetError, ratings, read_answers, sheet, write_ratings
from offswitch.verdicts.reasons.table import table


async def rate(model: str) -> dict[str, bool]:
    """Have a model read every case; print what failed, which is in no label file."""
    from inspect_ai.model import get_model

    ask, at_once = ModelAsk(get_model(model)), asyncio.Semaphore(10)

    async def one(case: Case) -> tuple[str, bool | None, str | None]:
        async with at_once:
            reading = await read_parts(reason(case.reason), [case.part], ask, case.did)
        return case.id, reading.label, reading.error

    found = await asyncio.gather(*(one(c) for c in cases()))
    for case_id, _, error in found:
        if error:
            print(f"{case_id}: {error}", file=sys.stderr)
    return {case_id: label for case_id, label, _ in found if label is not None}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.reasons", description="Agreement of raters on the reasons.")
    does = parser.add_subparsers(dest="does")
    made = does.add_parser("sheet", help="write a blind sheet")
    made.add_argument("out", type=Path)
    made.add_argument("--seed", type=int, required=True)
    made.add_argument("--reasons", default=",".join(REASONS))
    back = does.add_parser("read", help="read a rater's answers")
    back.add_argument("sheet", type=Path)
    back.add_argument("answers", type=Path)
    asked = does.add_parser("rate", help="have a model read the cases")
    asked.add_argument("model")
    for one in (back, asked):
        one.add_argument("--rater", required=True, help="names the file of labels")
    try:
        return _do(parser.parse_args())
    except (SheetError, StudyError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


def _do(given: argparse.Namespace) -> int:
    if given.does == "sheet":
        given.out.write_text(sheet(given.seed, given.reasons.split(",")), encoding="utf-8")
        return 0
    if given.does is None:
        print(table(ratings()))
        return 0
    labels = (
        asyncio.run(rate(given.model))
        if given.does == "rate"
        else read_answers(given.sheet.read_text(encoding="utf-8"), given.answers.read_text(encoding="utf-8"))
    )
    labels = {**ratings().get(given.rater, {}), **labels}
    print(f"{len(labels)} of {len(cases())} cases labelled: {write_ratings(given.rater, labels)}")
    return int(len(labels) < len(cases()))


if __name__ == "__main__":
    sys.exit(main())
