"""The table of agreement on the labelled cases, one line a reason."""

from collections.abc import Iterable, Mapping

from offswitch.verdicts.reasons.agreement import Agreement, agreement
from offswitch.verdicts.reasons.cases import AUTHOR, cases
from offswitch.verdicts.reasons.rubrics import REASONS

Labels = Mapping[str, Mapping[str, bool]]


def table(given: Labels) -> str:
    """Return, in Markdown, alpha with its 95% interval for all raters and for those who are not the author.

    Beside it stands how many of each rater's labels are the author's. `given`: each rater's labels by case id, the author's among them.
    """
    lines = [
        f"Raters: {', '.join(given)}.\n",
        "| reason | cases | alpha, all raters | alpha, without the author | the author's label |",
        "|---|---|---|---|---|",
    ]
    sets = {name: [c.id for c in cases() if c.reason == name] for name in REASONS} | {"all": [c.id for c in cases()]}
    return "\n".join([*lines, *(_row(name, ids, given) for name, ids in sets.items())])


def _row(name: str, ids: Iterable[str], given: Labels) -> str:
    mine = {rater: {i: labels[i] for i in ids if i in labels} for rater, labels in given.items()}
    others = {rater: labels for rater, labels in mine.items() if rater != AUTHOR}
    shares = (
        f"{r} {sum(v == mine[AUTHOR][i] for i, v in labels.items())}/{len(labels)}" for r, labels in others.items()
    )
    counted = len(mine[AUTHOR])
    return (
        f"| {name} | {counted} | {_shown(agreement(mine))} | {_shown(agreement(others))} | {', '.join(shares) or '–'} |"
    )


def _shown(found: Agreement) -> str:
    return "undefined" if found.alpha is None else f"{found.alpha:.2f} ({found.low:.2f} to {found.high:.2f})"
